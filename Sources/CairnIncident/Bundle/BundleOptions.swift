public import CairnCore
public import CairnJournal

/// What of the original a bundle keeps.
public struct BundleOptions: Sendable {
    /// Bytes that a key should have.
    public static let keyByteCount = 32

    /// The secret that stand-ins are made with; nobody should keep it longer than needed.
    public var key: [UInt8]
    /// Whether events go in as they are, with all names and times.
    public var keepsPayloads = false
    /// Whether times stay; else all of them are moved back by one span, which the key tells.
    public var keepsTimes = false
    /// Whether numbers of many digits in JSON stay.
    public var keepsNumbers = false

    public init(key: [UInt8]) {
        self.key = key
    }
}

/// What goes into a bundle, by its names in the journal.
public struct BundleSelection: Sendable {
    /// Requests, by their `pagw_id`.
    public var requests: [String]
    /// Items, by their streams.
    public var items: [StreamID]
    /// Jobs, with all the items that they began.
    public var jobs: [String]

    public init(requests: [String] = [], items: [StreamID] = [], jobs: [String] = []) {
        self.requests = requests
        self.items = items
        self.jobs = jobs
    }
}

/// Why no bundle is made; the journal that it is made of is never changed.
public enum BundleError: Error, Hashable, Sendable {
    /// The journal could not be read, or does not hold what was asked for.
    case incident(IncidentError)
    /// Refused: the request was removed, be it after the moment that is looked at.
    case removed(request: String)
    /// Refused: no job of that name is in the view.
    case unknownJob(String)
    /// Refused: a time cannot be moved without leaving the range of times.
    case timeOutOfRange(position: Position)
    /// Refused: with stand-ins the event is larger than a journal takes.
    case tooLarge(position: Position, LimitError)
    /// Broken: an event would be taken for a repetition of another one.
    case repetition(position: Position)
    /// The bundle could not be written.
    case target(JournalError)
    /// Refused: the stream was removed, be it after the moment that is looked at.
    case removedStream(StreamID)
    /// Refused: the stream's key means the same time as that of another stream of the bundle.
    case sameName(StreamID)
    /// Refused: the event's id means the same time as that of another event of the bundle.
    case sameID(position: Position)
    /// Refused: the machine does not read events from JSON.
    case notReadable(StreamKind)
    /// Refused: with stand-ins the event is none of the machine's.
    case notAnEvent(position: Position, EventDocumentError)
    /// Refused: the machine cannot read what the bundle has in the event's place.
    case unreadableCopy(position: Position, EventCodecError)
    /// Refused: with stand-ins the stream comes to another state at the event.
    case otherState(position: Position, member: JSONPath)
    /// Whoever asked for the bundle does not want it any more.
    case stopped
}

extension BundleError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .incident(let error): error.description
        case .removed(let request):
            "request \(request) was removed, and what was removed goes into no bundle"
        case .unknownJob(let name): "no job \(name) is in the view"
        case .timeOutOfRange(let position):
            "a time of the event at position \(position) is so early that it cannot be moved"
        case .tooLarge(let position, let error):
            "with stand-ins the event at position \(position) is too large: \(error)"
        case .repetition(let position):
            "the event at position \(position) has the id of an earlier one"
        case .target(let error): error.description
        case .removedStream(let stream):
            "\(stream) was removed, and what was removed goes into no bundle"
        case .sameName(let stream):
            "the key of \(stream) means the same time as another one, and both would be one"
        case .sameID(let position):
            "the id of the event at position \(position) means the same time as another one, and "
                + "both would be one"
        case .notReadable(let kind):
            "the machine of \(kind.name) does not read events from JSON"
        case .notAnEvent(let position, let error):
            "with stand-ins the event at position \(position) is none of the machine's: \(error)"
        case .unreadableCopy(let position, let error):
            "the machine cannot read what stands for the event at position \(position): \(error)"
        case .otherState(let position, let member):
            "with stand-ins the event at position \(position) makes another state, in "
                + (member.parts.isEmpty ? "the whole of it" : "'\(member)'")
        case .stopped: "stopped"
        }
    }
}
