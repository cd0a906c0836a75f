public import CairnCore

/// Which frames of a journal are rows of requests: the one rule that every fold keeps (law 6).
///
/// A frame of type `pipeline` is a row, unless it was erased and holds nothing any more. A removal
/// is for the fold to take (``isRemoval(_:frame:)``). Any other event is passed over, except one
/// in a request's stream that does not say it may be: whoever does not know what it means cannot
/// say where the request stands.
///
/// A pass over a whole journal does not always know whose stream a frame is in, because only the
/// first frame of a stream names it. It asks ``isRow(_:frame:)``, and looks up what
/// ``takeSuspects()`` leaves at its end.
public struct PipelineGate: Sendable {
    /// An event that nothing may pass over if its stream is a request's.
    public struct Suspect: Hashable, Sendable {
        public let stream: StreamNumber
        public let position: Position
        public let type: String

        /// Why the pass has no answer; nil if the stream is none of a request.
        public func error(in stream: StreamID) -> PipelineCodecError? {
            stream.kind == PipelineEvent.streamKind ? .unknownType(type) : nil
        }
    }

    /// For each stream with events of other types, the first one that may not be passed over;
    /// nil where that is settled.
    private var suspects = StreamMap<Suspect?>()

    public init() {}

    /// Whether a frame holds a row to fold.
    ///
    /// - Complexity: Constant time; memory for each stream with events of other types.
    public mutating func isRow(_ header: EventHeader, frame: RawSpan) -> Bool {
        if Self.hasRowType(header, frame: frame) { return !header.flags.contains(.isErased) }
        suspect(header, frame: frame)
        return false
    }

    /// Whether a frame in a request's own stream holds a row to fold.
    ///
    /// - Throws: ``PipelineCodecError/unknownType(_:)`` for what may not be passed over.
    public static func isRow(
        _ header: EventHeader,
        frame: RawSpan,
        inStreamOfRequest isOfRequest: @autoclosure () -> Bool = true
    ) throws(PipelineCodecError) -> Bool {
        if hasRowType(header, frame: frame) { return !header.flags.contains(.isErased) }
        guard
            header.flags.contains(.mayBeIgnored) || !isOfRequest()
                || isRemoval(header, frame: frame)
        else { throw .unknownType(header.type(in: frame)) }
        return false
    }

    /// Whether a frame, if its stream is a request's, removes all that stands before it there.
    public static func isRemoval(_ header: EventHeader, frame: RawSpan) -> Bool {
        // One that cannot be read is none, and stops the fold as any event does that is not known.
        (try? Removal.stored(header, frame: frame))?.extent == .stream
    }

    /// Whether a frame is of the type that rows have, erased or not.
    ///
    /// Compares the type's eight bytes as one number.
    public static func hasRowType(_ header: EventHeader, frame: RawSpan) -> Bool {
        let range = header.typeRange
        guard range.count == 8 else { return false }
        return frame.bigEndian(at: range.lowerBound, as: UInt64.self) == 0x7069_7065_6C69_6E65
    }

    /// Hands over the events whose streams must be looked up, by their positions, each once.
    public mutating func takeSuspects() -> [Suspect] {
        let open = suspects.values.compactMap(\.self).sorted { $0.position < $1.position }
        for suspect in open { suspects[suspect.stream, default: nil] = nil }
        return open
    }

    private mutating func suspect(_ header: EventHeader, frame: RawSpan) {
        let number = header.streamNumber
        if let stream = header.streamID(in: frame), stream.kind != PipelineEvent.streamKind {
            suspects[number, default: nil] = nil
            return
        }
        guard !header.flags.contains(.mayBeIgnored), !Self.isRemoval(header, frame: frame) else {
            return
        }
        // An entry without a suspect is a stream that was looked at and is no request's.
        if let known = suspects[number], known.map({ $0.position < header.position }) ?? true {
            return
        }
        suspects[number, default: nil] = Suspect(
            stream: number,
            position: header.position,
            type: header.type(in: frame)
        )
    }
}
