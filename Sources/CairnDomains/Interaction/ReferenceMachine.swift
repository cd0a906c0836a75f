public import CairnCore

/// A provider's own name of something sent, and what it stands for.
///
/// Reports come by that name, perhaps before the send's answer has told it; such a report is kept
/// here and applied when the name is linked. A provider may give a name twice: the last link is
/// the one that reports go to.
public struct ReferenceMachine: Machine {
    public static let streamKind = StreamKind("reference")

    public struct State: Hashable, Sendable {
        /// The stream of the item that the name was given for last.
        public internal(set) var link: StreamID?
        /// Reports that came before the first link, in their order.
        public internal(set) var early: [InteractionCallback] = []
    }

    public enum Command: Hashable, Sendable {
        case link(StreamID)
        case keep(InteractionCallback)
    }

    public enum Event: Hashable, Sendable {
        case linked(StreamID, at: Timestamp)
        case kept(InteractionCallback, at: Timestamp)
    }

    public init() {}

    /// The stream of a provider's name.
    public static func stream(
        provider: String,
        reference: String
    ) throws(LimitError) -> StreamID {
        // The name up to the first slash is the provider's, whatever the provider is called.
        var name = ""
        for scalar in provider.unicodeScalars {
            switch scalar {
            case "/": name += "%2F"
            case "%": name += "%25"
            default: name.unicodeScalars.append(scalar)
            }
        }
        return try StreamID(kind: streamKind, longKey: "\(name)/\(reference)")
    }

    public var initial: State { State() }

    public func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Never) -> [Event] {
        switch command {
        case .link(let stream): state.link == stream ? [] : [.linked(stream, at: context.now)]
        case .keep(let callback): [.kept(callback, at: context.now)]
        }
    }

    public func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .linked(let stream, _):
            state.link = stream
            // They were applied in the turn that linked the name.
            state.early = []
        case .kept(let callback, _): state.early.append(callback)
        }
    }
}

extension ReferenceMachine: StoredMachine {
    private static let linkedType = "reference.linked"
    private static let keptType = "callback.kept"
    private static let streamTag: UInt8 = 1
    private static let version: UInt8 = 1

    public func event(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        let isKnown =
            type.hasSameBytes(as: Self.linkedType) || type.hasSameBytes(as: Self.keptType)
        guard isKnown else {
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion <= Self.version else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let fields = try ItemFields(payload)
            guard type.hasSameBytes(as: Self.linkedType) else {
                return .kept(try InteractionCallback(fields, payload), at: header.occurredAt)
            }
            let name = try fields.text(Self.streamTag, payload)
            guard let stream = try? StreamID(name) else {
                throw FieldFailure(reason: "'\(name)' names no stream")
            }
            return .linked(stream, at: header.occurredAt)
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    public func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        var fields = FieldWriter()
        switch event {
        case .linked(let stream, let at):
            fields.text(Self.streamTag, stream.name)
            return try NewEvent(
                type: Self.linkedType,
                typeVersion: Self.version,
                occurredAt: at,
                payload: fields.finish()
            )
        case .kept(let callback, let at):
            callback.write(to: &fields)
            return try NewEvent(
                type: Self.keptType,
                typeVersion: Self.version,
                id: try callback.repetitionID(among: Self.keptType),
                occurredAt: at,
                payload: fields.finish(),
                canonicalContent: callback.identity
            )
        }
    }
}
