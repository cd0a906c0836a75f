public import CairnCore

/// A provider's own name of something sent, and what it stands for.
///
/// Reports come by that name, perhaps before the send's answer has told it; such a report is kept
/// here and applied when the name is linked. A provider may give a name twice: the last link is
/// the one that reports go to.
///
/// Anybody may report on a name that nobody ever gets. So there is a bound to what is kept whole,
/// and beyond it only the first report of each meaning counts, without its body: no status is
/// lost. The others are anomalies, each with its event.
public struct ReferenceMachine: Machine {
    public static let streamKind = StreamKind("reference")
    /// Most reports that are kept whole before the name is linked.
    public static let earlyCountMax = 64
    /// Most bytes of theirs; half of what one event may hold, so that each can be given on.
    public static let earlyByteCountMax = Limits.payloadByteCountMax / 2

    public struct State: Hashable, Sendable {
        /// The stream of the item that the name was given for last.
        public internal(set) var link: StreamID?
        /// Reports that came before the first link, in their order.
        public internal(set) var early: [InteractionCallback] = []
        /// Bytes of those that are kept whole.
        public internal(set) var earlyByteCount = 0
        /// Reports that came beyond a bound and are not kept whole, or not at all.
        public internal(set) var droppedCount: UInt64 = 0

        /// Whether a report may be kept whole.
        ///
        /// Once one was not, none is: that a bound was reached can be read off the last event.
        fileprivate func hasRoom(for callback: InteractionCallback) -> Bool {
            droppedCount == 0 && early.count < earlyCountMax
                && callback.byteCount <= earlyByteCountMax - earlyByteCount
        }
    }

    public enum Command: Hashable, Sendable {
        case link(StreamID)
        case keep(InteractionCallback)
    }

    public enum Event: Hashable, Sendable {
        case linked(StreamID, at: Timestamp)
        case kept(InteractionCallback, at: Timestamp)
        /// A report that is too much: what is left of it has no body.
        case dropped(InteractionCallback, at: Timestamp)
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
        case .keep(let callback):
            state.hasRoom(for: callback)
                ? [.kept(callback, at: context.now)]
                : [.dropped(callback.shortened, at: context.now)]
        }
    }

    public func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .linked(let stream, _):
            state.link = stream
            // They were applied in the turn that linked the name.
            state.early = []
            state.earlyByteCount = 0
        case .kept(let callback, _):
            state.early.append(callback)
            state.earlyByteCount += callback.byteCount
        case .dropped(let callback, _):
            state.droppedCount &+= 1
            if !state.early.contains(where: { $0.meaning == callback.meaning }) {
                state.early.append(callback)
            }
        }
    }
}

extension ReferenceMachine: StoredMachine {
    private static let linkedType = "reference.linked"
    private static let keptType = "callback.kept"
    private static let streamTag: UInt8 = 1
    /// Beside the tags of a report.
    private static let droppedTag: UInt8 = 120
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
                let callback = try InteractionCallback(fields, payload)
                return fields.fields.flag(Self.droppedTag)
                    ? .dropped(callback, at: header.occurredAt)
                    : .kept(callback, at: header.occurredAt)
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
        case .kept(let callback, let at): return try Self.newEvent(callback, at, isDropped: false)
        case .dropped(let callback, let at): return try Self.newEvent(callback, at, isDropped: true)
        }
    }

    /// The event of a report: of one type and id, so that a repetition is known either way.
    private static func newEvent(
        _ callback: InteractionCallback,
        _ instant: Timestamp,
        isDropped: Bool
    ) throws(LimitError) -> NewEvent {
        var fields = FieldWriter()
        callback.write(to: &fields)
        fields.flag(droppedTag, isDropped)
        return try NewEvent(
            type: keptType,
            typeVersion: version,
            id: try callback.repetitionID(among: keptType),
            occurredAt: instant,
            payload: fields.finish(),
            canonicalContent: callback.identity
        )
    }
}

extension InteractionCallback {
    /// About what it takes to keep: its texts and its body.
    fileprivate var byteCount: Int {
        let texts = [provider, reference, eventID, providerKey, word, detail, item]
        return texts.reduce(body?.count ?? 0) { $0 + ($1?.utf8.count ?? 0) }
    }

    /// The report without its body and the key, and with no text that is longer than any
    /// provider's; most reports stay the same one by that.
    fileprivate var shortened: InteractionCallback {
        InteractionCallback(
            provider: provider.shortened,
            reference: reference.shortened,
            eventID: eventID?.shortened,
            word: word.shortened,
            detail: detail?.shortened,
            meaning: meaning,
            providerTime: providerTime
        )
    }
}

extension String {
    fileprivate var shortened: String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(200)))
    }
}
