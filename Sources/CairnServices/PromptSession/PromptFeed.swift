public import CairnCore
public import CairnDomains
internal import CairnEngine
internal import CairnIncident
public import CairnJournal

/// The events of prompts as they are appended, for subscribers in this process (seed 004).
///
/// Each event comes once, as soon as it is durable, in the order of positions, whichever process
/// recorded it; events of another one come within 100 ms. A subscriber that is slower than those
/// who record reads on from where it is: the journal is its buffer, so nothing is dropped for it
/// and nobody waits for it, and no more than ``pageEventCountMax`` events are in memory for it.
///
/// The sequence ends only by cancellation of its task or by an error.
public struct PromptFeed: AsyncSequence, Sendable {
    public typealias Element = PublishedPromptEvent
    public typealias Failure = PromptSessionsError

    /// Most events that one subscriber holds in memory.
    public static let pageEventCountMax = 256

    private let journal: any Journal
    private let prompt: String?
    private let position: Position

    /// Subscribes to what comes after a position.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - prompt: The prompt; nil for all, and for sessions of which nobody said whose they are.
    ///   - position: The last event that is not wanted, such as the journal's head.
    public init(of journal: any Journal, prompt: String? = nil, after position: Position) {
        self.journal = journal
        self.prompt = prompt
        self.position = position
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(reader: PromptLiveReader(journal, prompt: prompt, after: position))
    }

    public struct Iterator: AsyncIteratorProtocol {
        var reader: PromptLiveReader
        private var page: [PublishedPromptEvent] = []
        private var index = 0

        init(reader: PromptLiveReader) { self.reader = reader }

        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(PromptSessionsError) -> PublishedPromptEvent? {
            while index == page.count {
                if Task.isCancelled { return nil }
                index = 0
                let before = reader.position
                page = try await reader.page()
                if page.isEmpty, reader.position == before { try await reader.waitForEvent() }
            }
            defer { index += 1 }
            return page[index]
        }
    }
}

/// An event of a prompt, and where it stands.
public struct PublishedPromptEvent: Hashable, Sendable {
    public let position: Position
    public let recordedAt: Timestamp
    public let session: PromptSessionID
    /// Whose session it is; nil where nobody has said so by then.
    public let owner: PromptSessionOwner?
    public let event: PromptEvent
    /// What was wrong with it when it was taken; nil for nothing.
    public let flaw: PromptSessionFlaw?

    /// Whether it counts in what holds at a moment.
    public var counts: Bool { flaw?.counts ?? true }
}

/// Reads the prompt events behind a position, a page at a time.
struct PromptLiveReader: Sendable {
    /// Most frames that are looked through for a page of events.
    private static let frameCountMax = 4_096
    /// Most sessions whose states are kept at hand; the others are folded anew.
    private static let sessionCountMax = 4_096
    private static let typePrefix = Array(PromptSessionMachine.eventTypePrefix.utf8)
    private static let machine = PromptSessionMachine()

    private struct Session {
        let id: PromptSessionID
        let fold: StreamFold<PromptSessionMachine>
        var folded: Folded<PromptSessionState>
    }

    private let journal: any Journal
    private let prompt: String?
    /// The last event that was looked at.
    private(set) var position: Position
    /// What was removed when the list of removals was last seen, and how long the list was.
    private var removals = StreamRemovals()
    private var removalCount = SequenceNumber.zero
    /// Nil for a stream that is none of a session.
    private var sessions: [StreamNumber: Session?] = [:]

    init(_ journal: any Journal, prompt: String?, after position: Position) {
        self.journal = journal
        self.prompt = prompt
        self.position = position
    }

    /// Reads on.
    ///
    /// - Returns: The events; none at the end, and where no frame of a page was one.
    /// - Throws: ``PromptSessionsError``.
    mutating func page() async throws(PromptSessionsError) -> [PublishedPromptEvent] {
        var frames: [(header: EventHeader, frame: [UInt8])] = []
        var last = position
        do throws(JournalError) {
            _ = try await journal.page(
                from: position.next,
                .forwards,
                upTo: nil,
                limit: PageLimit(eventCountMax: Self.frameCountMax)
            ) { header, frame in
                last = header.position
                guard Self.mayBePromptEvent(header, frame) else { return .proceed }
                frames.append((header, frame.array()))
                return frames.count < PromptFeed.pageEventCountMax ? .proceed : .stop
            }
        } catch {
            throw .journal(error)
        }
        var events: [PublishedPromptEvent] = []
        if !frames.isEmpty { try await lookForRemovals() }
        for (header, frame) in frames where !removals.cover(header) {
            if let event = try await read(header, frame) { events.append(event) }
        }
        position = last
        return events
    }

    /// Looks what was removed, also behind the events that are about to be given out.
    private mutating func lookForRemovals() async throws(PromptSessionsError) {
        let kind = PromptSessionMachine.streamKind
        let count: SequenceNumber
        do throws(JournalError) {
            let list = try limited { () throws(LimitError) in try Removal.truncations(of: kind) }
            count = try await journal.lastSequence(of: list)
        } catch {
            throw .journal(error)
        }
        guard count != removalCount else { return }
        do throws(IncidentError) {
            removals = try await StreamRemovals(of: journal, kind: kind)
        } catch {
            switch error {
            case .journal(let error): throw .journal(error)
            case .unreadable(let position, let error): throw .unreadable(position: position, error)
            case .limit(let error): throw .journal(.limit(error))
            // Nothing of a request is asked for.
            case .event, .unknownRequest, .unknownStream, .removedRequest, .tooManyEvents: break
            }
        }
        removalCount = count
    }

    /// Waits for an event behind the last one that was looked at, or for cancellation.
    func waitForEvent() async throws(PromptSessionsError) {
        do throws(JournalError) { try await journal.waitForEvent(after: position) } catch {
            throw .journal(error)
        }
    }

    private static func mayBePromptEvent(_ header: EventHeader, _ frame: RawSpan) -> Bool {
        let type = frame.extracting(header.typeRange)
        return type.byteCount > typePrefix.count && !header.flags.contains(.isErased)
            && type.extracting(0..<typePrefix.count).equals(typePrefix.span.bytes)
    }

    private mutating func read(
        _ header: EventHeader,
        _ frame: [UInt8]
    ) async throws(PromptSessionsError) -> PublishedPromptEvent? {
        guard var session = try await session(header.streamNumber) else { return nil }
        do throws(EngineError<PromptSessionRefusal>) {
            session.folded = try await session.fold.folded(
                in: journal,
                from: session.folded,
                upTo: header.position.previous
            )
        } catch {
            throw PromptSessionsError(error)
        }
        defer { sessions[header.streamNumber] = session }
        let state = session.folded.state
        let fact: PromptSessionFact?
        do throws(EventCodecError) {
            fact = try Self.machine.event(header, frame: frame.span.bytes)
        } catch {
            throw .unreadable(position: header.position, error)
        }
        guard case .happened(let event)? = fact else { return nil }
        Self.machine.evolve(&session.folded.state, by: .happened(event))
        session.folded.sequence = header.sequence
        if let prompt {
            guard let owner = state.owner, owner.prompt.hasSameBytes(as: prompt) else { return nil }
        }
        return PublishedPromptEvent(
            position: header.position,
            recordedAt: header.recordedAt,
            session: session.id,
            owner: state.owner,
            event: event,
            flaw: state.flaw(of: event)
        )
    }

    private mutating func session(
        _ number: StreamNumber
    ) async throws(PromptSessionsError) -> Session? {
        if let known = sessions[number] { return known }
        if sessions.count >= Self.sessionCountMax { sessions.removeAll(keepingCapacity: true) }
        let stream: StreamID
        do throws(JournalError) { stream = try await journal.streamID(of: number) } catch {
            throw .journal(error)
        }
        var session: Session?
        if stream.kind == PromptSessionMachine.streamKind,
            let id = try? PromptSessionID(stream.key)
        {
            let fold = StreamFold(Self.machine, of: stream)
            session = Session(id: id, fold: fold, folded: fold.start)
        }
        sessions[number] = .some(session)
        return session
    }
}
