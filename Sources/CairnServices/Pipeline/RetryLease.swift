public import CairnCore
public import CairnDomains
internal import CairnEngine
internal import CairnJournal

/// The right to try a failed stage of a request again, until another worker takes it over.
public struct RetryLease: Hashable, Sendable {
    /// `pagw_id`.
    public let request: String
    /// The row that failed, or that planned the retry.
    public let row: PipelineEvent
    /// When it was due.
    public let nextRetryAt: Timestamp
    /// Who has it, until when, and which attempt it is.
    public let grant: RetryLeaseGrant
    let leases: StreamID

    /// Refuses what is reported under a lease that another worker has.
    func check(in scope: any TurnScope) throws(PipelineTrackerError) {
        let fold = StreamFold(RetryLeaseMachine(), of: leases)
        var state = fold.start
        do throws(EngineError<RetryLeaseMachine.Rejection>) {
            try fold.catchUp(&state, in: scope)
        } catch {
            if let error = error.unrefused { throw PipelineTrackerError(error) }
        }
        guard state.state[grant.stage]?.fence == grant.fence else {
            throw .leaseLost(stage: grant.stage)
        }
    }
}

/// A retry that is due, ready to be asked for in a turn.
struct RetryWish: Sendable {
    let leases: StreamFold<RetryLeaseMachine>
    let stream: StreamID
    /// The last event of the request that is in the fold which says that it is due.
    let seen: SequenceNumber
    let row: PipelineEvent
    let nextRetryAt: Timestamp
    let wish: RetryLeaseWish

    /// Takes the lease, unless the request went on meanwhile or another worker was faster.
    func grant(
        in scope: any TurnScope
    ) throws(EngineError<Never>) -> RetryLease? {
        do throws(JournalError) {
            guard try scope.lastSequence(of: stream) == seen else { return nil }
        } catch {
            throw .journal(error)
        }
        var state = leases.start
        let events: [RetryLeaseMachine.Event]
        do throws(EngineError<RetryLeaseMachine.Rejection>) {
            events = try leases.turn(.take(wish), on: &state, in: scope)
        } catch {
            // Refused: another worker has it, or its attempts are used up.
            guard let error = error.unrefused else { return nil }
            throw error
        }
        guard let grant = events.first?.grant else { return nil }
        return RetryLease(
            request: stream.key,
            row: row,
            nextRetryAt: nextRetryAt,
            grant: grant,
            leases: leases.stream
        )
    }
}

/// What the journal leaves to be tried again, as far as it was read.
struct RetryFold: Sendable {
    private var vocabulary = StepVocabulary()
    private var meanings: StepMeanings
    private var open = OpenRetries()
    private var gate = PipelineGate()
    private var sequences = StreamMap<SequenceNumber>()
    /// Requests that were removed: what is imported of them later is shown, and not worked on.
    private var removed: Set<StreamNumber> = []
    /// The first position that was not read.
    private(set) var next = Position.first
    /// Events that nobody may pass over if their streams are those of requests.
    private var suspects: [PipelineGate.Suspect] = []

    init(_ definition: PipelineDefinition) {
        meanings = StepMeanings(definition)
    }

    mutating func take(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(PipelineCodecError) {
        // Two calls at once read the same events; each counts once.
        guard header.position >= next else { return }
        if gate.isRow(header, frame: frame) {
            let payload = frame.extracting(header.payloadRange)
            let step = try PipelineStep(payload, occurredAt: header.occurredAt)
            let scanned = ScannedStep(header: header, step: step)
            let words = vocabulary.words(of: scanned, in: frame)
            if !removed.contains(header.streamNumber) {
                open.take(
                    scanned,
                    stage: meanings.stage(of: words.stage, in: &vocabulary),
                    isEnd: meanings.isEnd(words.eventType, in: vocabulary)
                )
            }
            sequences[header.streamNumber, default: .zero] = header.sequence
        } else if sequences.index(of: header.streamNumber) != nil {
            if PipelineGate.isRemoval(header, frame: frame) {
                open.remove(header.streamNumber)
                removed.insert(header.streamNumber)
            }
            sequences[header.streamNumber, default: .zero] = header.sequence
        }
        // An event that cannot be read is met again: it may be what made a failure good.
        next = header.position.next
    }

    /// What the gate leaves to be looked up, and what is still to be from before.
    mutating func allSuspects() -> [PipelineGate.Suspect] {
        suspects += gate.takeSuspects()
        return suspects
    }

    /// Strikes out an event whose stream was looked up and is none of a request.
    mutating func clear(_ suspect: PipelineGate.Suspect) { suspects.removeAll { $0 == suspect } }

    func due(at now: Timestamp) -> [DueTry] { open.due(at: now) }

    /// The last event of a request that was read, if a try of it is due as far as that.
    func lastSequence(
        of stream: StreamNumber,
        where due: DueTry,
        at now: Timestamp
    ) -> SequenceNumber? {
        open.due(of: stream, at: now).contains(due) ? sequences[stream, default: .zero] : nil
    }
}

extension PipelineTrackerError {
    init(_ error: EngineError<Never>) {
        switch error {
        case .refused(let never): switch never {}
        case .journal(let error): self = .journal(error)
        case .unreadable(let position, let error):
            self = .unreadableLease(position: position, error: error)
        }
    }
}
