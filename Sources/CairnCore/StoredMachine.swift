/// A machine whose events a journal holds: how each is written down and read back.
public protocol StoredMachine: Machine {
    /// Reads a stored event; nil for one that says it may be passed over, or that was erased.
    ///
    /// - Throws: ``EventCodecError``, above all for what a newer program wrote (law 6).
    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event?

    /// Writes an event down.
    ///
    /// - Throws: ``LimitError`` where a journal does not take it.
    func newEvent(_ event: Event) throws(LimitError) -> NewEvent

    /// Takes note of a stored event that is passed over: it has its place in the stream, and
    /// what it says is not known.
    ///
    /// For machines that count their events; nothing by default.
    func passOver(_ state: inout State)
}

extension StoredMachine {
    public func passOver(_ state: inout State) {}
}

/// Why a stored event cannot be read.
public enum EventCodecError: Error, Hashable, Sendable {
    /// An event that must not be passed over, of a type this program does not know.
    case unknownType(String)
    /// A later version of the type's encoding than this program reads.
    case newerVersion(type: String, version: UInt8)
    /// The bytes end early, or a value in them cannot be.
    case malformed(type: String, reason: String)
}

extension EventCodecError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownType(let type): "this program does not know the event type '\(type)'"
        case .newerVersion(let type, let version):
            "this program is older than version \(version) of the event type '\(type)'"
        case .malformed(let type, let reason): "an event of type '\(type)' is malformed: \(reason)"
        }
    }
}
