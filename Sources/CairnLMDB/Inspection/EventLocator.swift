internal import CairnCore

/// Finds events by position in a journal whose packs were all found sound.
///
/// Keeps the last pack, so looking positions up in ascending order reads each pack once.
final class EventLocator {
    private let finder: TreeFinder
    private var buffer: [UInt8] = []
    private var pack: [UInt8] = []
    private var header: PackHeader?

    init(finder: TreeFinder) {
        self.finder = finder
    }

    /// Lends the event at a position; nil if it cannot be read.
    func event<Result>(
        at position: Position,
        _ body: (EventHeader, RawSpan) -> Result
    ) -> Result? {
        if header.map({ $0.firstPosition...$0.lastPosition ~= position }) != true {
            load(position)
        }
        guard let header, header.firstPosition...header.lastPosition ~= position else {
            return nil
        }
        let pack = pack
        let bytes = unsafe pack.span.bytes
        let index = Int(position.rawValue - header.firstPosition.rawValue)
        guard let range = try? header.frameRange(index, in: bytes) else { return nil }
        let frame = bytes.extracting(range)
        guard let event = try? EventHeader(frame: frame, position: position) else { return nil }
        return body(event, frame)
    }

    private func load(_ position: Position) {
        header = nil
        var key = ByteWriter(capacity: 8)
        key.bigEndian(position.rawValue)
        guard let node = try? finder.first(atOrAfter: key.finish()),
            let bytes = try? node.read(with: finder.reader, into: &buffer, { $1.array() })
        else { return }
        pack = bytes
        header = try? unsafe PackHeader(inspecting: pack.span.bytes)
    }
}
