internal import CairnCore
internal import CairnDomains

/// One request of the demo, written event by event as its services would have recorded it.
struct DemoRequest {
    let id: String
    let tenant: String
    /// The events so far, in the order of their numbers.
    private(set) var events: [PipelineEvent] = []
    private(set) var now: Timestamp
    private(set) var random: DemoRandom

    init(id: String, tenant: String, at start: Timestamp, random: DemoRandom) {
        self.id = id
        self.tenant = tenant
        now = start
        self.random = random
    }

    /// What a worker of a stage has to say of it.
    enum Outcome {
        case ok
        /// It failed; the code, what it said, and when it is to be tried again.
        case failed(type: String, code: String, message: String, retryAfter: TimeSpan?)
    }

    /// Lets time pass.
    mutating func wait(milliseconds range: ClosedRange<Int64>) {
        now = now.adding(.milliseconds(random.milliseconds(range)))
    }

    /// Records one event as it is now.
    mutating func record(
        _ type: String,
        stage: String,
        status: PipelineStatus,
        service: String,
        worker: String? = nil,
        _ change: (inout PipelineEvent) -> Void = { _ in }
    ) {
        var event = PipelineEvent(
            tenant: tenant,
            stage: stage,
            eventType: type,
            status: status,
            createdAt: now
        )
        event.sequenceNumber = Int64(events.count + 1)
        event.serviceName = service
        event.workerID = worker
        change(&event)
        events.append(event)
    }

    /// Starts a stage, and says which worker did.
    @discardableResult
    mutating func start(
        _ stage: DemoStage,
        attempt: Int64 = 1,
        worker given: String? = nil
    ) -> String {
        wait(milliseconds: 4...120)
        let worker = given ?? "\(stage.service)-\(random.below(stage.workerCount) + 1)"
        record(
            "\(stage.prefix)_START",
            stage: stage.name,
            status: .started,
            service: stage.service,
            worker: worker
        ) { $0.attempt = attempt }
        return worker
    }

    /// Runs a stage from its start to its outcome.
    mutating func run(
        _ stage: DemoStage,
        _ outcome: Outcome = .ok,
        attempt: Int64 = 1,
        milliseconds: Int64? = nil,
        metadata: String? = nil
    ) {
        let worker = start(stage, attempt: attempt)
        let startedAt = now
        let duration = milliseconds ?? random.milliseconds(stage.milliseconds)
        now = now.adding(.milliseconds(duration))
        let end = now
        func fill(_ event: inout PipelineEvent) {
            event.attempt = attempt
            event.durationMilliseconds = duration
            event.startedAt = startedAt
            event.completedAt = end
            event.metadata = metadata.map { Array($0.utf8) }
        }
        switch outcome {
        case .ok:
            record(
                "\(stage.prefix)_OK",
                stage: stage.name,
                status: .completed,
                service: stage.service,
                worker: worker,
                fill
            )
        case .failed(let type, let code, let message, let retryAfter):
            record(
                type,
                stage: stage.name,
                status: .failed,
                service: stage.service,
                worker: worker
            ) { event in
                fill(&event)
                event.errorCode = code
                event.errorMessage = message
                event.isRetryable = retryAfter != nil
                event.nextRetryAt = retryAfter.map { end.adding($0) }
            }
        }
    }

    /// Draws from the request's own chance.
    mutating func happens(percent: Int64) -> Bool { random.happens(percent: percent) }
    mutating func below(_ bound: Int64) -> Int64 { random.below(bound) }
}
