internal import CairnCore
internal import CairnDomains

extension DemoRequest {
    /// How a request's day goes.
    enum Story {
        case plain
        /// The payer's system does not answer in time, once or twice.
        case retried(failureCount: Int64)
        /// The request's content is refused, which no retry can mend.
        case invalid
        /// The payer's system was called by a worker of which nothing was heard again.
        case stuck
        /// The last failure is still waiting for its retry.
        case waiting
        /// The payer changed its answer after the request had ended.
        case reopened
    }

    /// Writes the whole request.
    mutating func tell(_ story: Story) {
        receive()
        guard validate(isValid: story != .invalid) else { return finish(isPublished: false) }
        prepare()
        switch story {
        case .plain, .invalid: call(attempt: 1)
        case .retried(let failureCount):
            for attempt in 1...failureCount { fail(attempt: attempt) }
            call(attempt: failureCount + 1)
        case .stuck:
            start(.connector, worker: "payer-connector-5")
            return
        case .waiting:
            fail(attempt: 1)
            return
        case .reopened:
            call(attempt: 1)
            finish(isPublished: true)
            wait(milliseconds: 7_200_000...10_800_000)
            startWorkflow()
        }
        run(.callback, metadata: #"{"decision":"\#(decision())"}"#)
        finish(isPublished: true)
    }

    private mutating func receive() {
        let byteCount = 8_000 + below(60_000)
        record(
            "REQUEST_RECEIVED",
            stage: "ORCHESTRATION",
            status: .completed,
            service: "gateway"
        ) { $0.metadata = Array(#"{"channel":"fhir","bytes":\#(byteCount)}"#.utf8) }
        wait(milliseconds: 2...30)
        startWorkflow()
        let diagnoses = 1 + below(5) + (happens(percent: 8) ? 8 : 0)
        let procedures = 1 + below(6)
        run(
            .parsing,
            metadata: #"{"diagnosisCount":\#(diagnoses),"procedureCount":\#(procedures)}"#
        )
    }

    private mutating func startWorkflow() {
        record("WORKFLOW_START", stage: "ORCHESTRATION", status: .started, service: "orchestrator")
    }

    private mutating func validate(isValid: Bool) -> Bool {
        guard isValid else {
            let failure = Outcome.failed(
                type: "VAL_FAIL",
                code: "VALIDATION_ERROR",
                message: "member id is not known to the plan",
                retryAfter: nil
            )
            run(.validation, failure)
            return false
        }
        run(.validation)
        return true
    }

    private mutating func prepare() {
        run(.enrichment)
        if happens(percent: 30) {
            if happens(percent: 40) { run(.documentPull) }
            run(.attachment, metadata: #"{"documentCount":\#(1 + below(4))}"#)
        }
        run(.conversion)
    }

    private mutating func call(attempt: Int64) {
        run(
            .connector,
            attempt: attempt,
            metadata: #"{"targetSystem":"carelon","externalId":"CR-\#(100_000 + below(900_000))"}"#
        )
    }

    private mutating func fail(attempt: Int64) {
        let delay = TimeSpan.seconds(attempt == 1 ? 30 : 120)
        let isTimeout = happens(percent: 60)
        let failure = Outcome.failed(
            type: isTimeout ? "DOWNSTREAM_TIMEOUT" : "DOWNSTREAM_ERROR",
            code: isTimeout ? "API_TIMEOUT" : "API_UNAVAILABLE",
            message: isTimeout ? "no answer within 30 s" : "HTTP 503 from carelon",
            retryAfter: delay
        )
        run(
            .connector,
            failure,
            attempt: attempt,
            milliseconds: isTimeout ? 30_000 : nil,
            metadata: #"{"targetSystem":"carelon"}"#
        )
        wait(milliseconds: 5...20)
        let retryAt = now.adding(delay)
        record(
            "RETRY_SCHEDULED",
            stage: DemoStage.connector.name,
            status: .retryScheduled,
            service: DemoStage.connector.service
        ) { event in
            event.attempt = attempt
            event.nextRetryAt = retryAt
        }
        wait(milliseconds: delay.nanoseconds / 1_000_000...delay.nanoseconds / 1_000_000 + 4_000)
    }

    private mutating func finish(isPublished: Bool) {
        run(.response)
        if isPublished { run(.publishing) }
        run(.notification)
        wait(milliseconds: 3...20)
        record(
            "WORKFLOW_COMPLETE",
            stage: "ORCHESTRATION",
            status: .completed,
            service: "orchestrator"
        )
    }

    private mutating func decision() -> String {
        switch below(10) {
        case 0: "denied"
        case 1: "pended"
        default: "approved"
        }
    }
}

extension DemoRequest.Story: Equatable {}
