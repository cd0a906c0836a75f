public import CairnCore

/// Rules that fold the events of many streams into tables to query: by another order than the
/// journal's, as counts, or as an index.
///
/// Like a machine, a projection is pure: the same events give the same tables on every machine,
/// for ever, whether they are folded at once, in steps or from any mark (laws 1 and 2). A
/// ``LiveProjection`` folds them and answers.
public protocol Projection: Sendable {
    /// What names an entry. Two keys are one if their bytes are the same, and the order of the bytes
    /// is the order of the tables.
    associatedtype Key: Sendable
    associatedtype Value: Sendable

    /// What the tables are kept under, such as `cairn.item-keys`.
    var name: String { get }

    /// Raised whenever the same events give other tables than before, or are written otherwise.
    var version: UInt32 { get }

    /// Where rules are data, the bytes they come from; empty otherwise.
    var definition: [UInt8] { get }

    /// Whether only ``version`` and ``definition`` tell other rules, and tables are kept when the
    /// program is built anew. False unless said otherwise: then each build of a program folds
    /// from the start, and rules that were changed in silence cannot answer wrongly.
    var isKnownByVersion: Bool { get }

    /// Whether the rules ask for the names of streams; each has to be found once. True unless said
    /// otherwise.
    var readsStreamNames: Bool { get }

    /// Whether the name of an event's stream is asked for; ``readsStreamNames`` unless said
    /// otherwise. Of rules that ask for few of them, only those are found.
    func readsStreamName(of header: EventHeader, _ frame: RawSpan) -> Bool

    /// Whether an event may matter, told quickly from its header and type.
    func concerns(_ header: EventHeader, _ frame: RawSpan) -> Bool

    /// Takes one event in.
    ///
    /// - Parameters:
    ///   - header: The event, in the order of positions.
    ///   - frame: Its stored bytes.
    ///   - stream: The stream it is in; nil where the rules do not ask for its name.
    ///   - entries: The tables as they are before the event.
    /// - Throws: `EventCodecError` for an event that cannot be read, which ends the fold there.
    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError)

    /// Writes a key, in at most `ProjectionTable.keyByteCountMax` bytes, so that the order of the
    /// bytes is the order of the keys.
    func write(_ key: Key, to bytes: inout ByteWriter)
    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> Key

    func write(_ value: Value, to bytes: inout ByteWriter)
    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> Value
}

extension Projection {
    public var definition: [UInt8] { [] }
    public var isKnownByVersion: Bool { false }
    public var readsStreamNames: Bool { true }

    @inlinable
    public func readsStreamName(of header: EventHeader, _ frame: RawSpan) -> Bool {
        readsStreamNames
    }

    @inlinable
    public func concerns(_ header: EventHeader, _ frame: RawSpan) -> Bool { true }

    @inlinable
    func bytes(of key: Key) -> [UInt8] {
        var writer = ByteWriter(capacity: 48)
        write(key, to: &writer)
        return writer.finish()
    }
}
