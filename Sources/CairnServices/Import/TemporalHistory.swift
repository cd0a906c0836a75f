internal import CairnCore
internal import CairnDomains

/// What the events of a Temporal history become: the mapping to `event_tracker`.
///
/// The last word of the event type gives the status: `Scheduled`, `Started` and the like start,
/// `Completed` and `Fired` complete, `Failed`, `TimedOut` and `Terminated` fail, `Canceled` is
/// skipped, and a type that is a fact by itself (a marker, a signal) is completed. The stage is
/// the rest of the type, or for an activity its name. All attributes stand in the metadata.
struct TemporalHistory {
    /// What is remembered of earlier events, by their `eventId`.
    private struct Earlier {
        let time: Timestamp
        let stage: String
    }

    private var earlier: [Int64: Earlier] = [:]

    /// Makes the event of one entry of the history, and says its `eventId`.
    mutating func event(
        of value: JSONValue,
        tenant: String
    ) throws(RowFault) -> (PipelineEvent, number: Int64) {
        guard let number = value["eventId"]?.wholeNumber else {
            throw RowFault(.missingValue(column: "eventId"))
        }
        guard let name = value["eventType"]?.text else {
            throw RowFault(.missingValue(column: "eventType"))
        }
        let time = try Self.time(of: value)
        let type = Self.normalized(name)
        let attributes = Self.attributes(of: value)
        let stage = stage(of: type, attributes)
        var event = PipelineEvent(
            tenant: tenant,
            stage: stage,
            eventType: type,
            status: Self.status(of: type),
            createdAt: time
        )
        event.sequenceNumber = number
        if let attempt = attributes?["attempt"]?.wholeNumber, attempt > 0 {
            event.attempt = attempt
        }
        event.workerID = attributes?["identity"]?.text
        let failure = attributes?["failure"] ?? attributes?["lastFailure"]
        event.errorMessage = failure?["message"]?.text
        event.errorCode = attributes?["cause"]?.text ?? attributes?["timeoutType"]?.text
        // Retries of an activity are no events, so its failure is final; a task is tried again.
        if event.status == .failed { event.isRetryable = stage == "WORKFLOW_TASK" }
        setTimes(of: &event, attributes)
        event.metadata = Self.metadata(of: value)
        earlier[number] = Earlier(time: time, stage: stage)
        return (event, number)
    }

    private func setTimes(of event: inout PipelineEvent, _ attributes: JSONValue?) {
        switch event.status {
        case .started: event.startedAt = event.createdAt
        case .completed, .failed, .skipped:
            event.completedAt = event.createdAt
            guard let id = attributes?["startedEventId"]?.wholeNumber,
                let start = earlier[id]?.time
            else { return }
            event.startedAt = start
            if start <= event.createdAt {
                event.durationMilliseconds = event.createdAt.since(start).nanoseconds / 1_000_000
            }
        case .retryScheduled, .other: break
        }
    }

    private func stage(of type: String, _ attributes: JSONValue?) -> String {
        if type.hasPrefix("ACTIVITY_TASK_") {
            if let name = attributes?["activityType"]?["name"]?.text { return name }
            if let id = attributes?["scheduledEventId"]?.wholeNumber, let known = earlier[id] {
                return known.stage
            }
        }
        guard let verb = Self.verbs.first(where: { type.hasSuffix("_\($0.word)") }) else {
            return type
        }
        return String(type.dropLast(verb.word.count + 1))
    }

    private static let verbs: [(word: String, status: PipelineStatus)] = [
        ("SCHEDULED", .started), ("STARTED", .started), ("INITIATED", .started),
        ("ACCEPTED", .started), ("ADMITTED", .started),
        ("COMPLETED", .completed), ("FIRED", .completed), ("RECORDED", .completed),
        ("SIGNALED", .completed), ("MODIFIED", .completed), ("ATTRIBUTES", .completed),
        ("CONTINUED_AS_NEW", .completed), ("CANCEL_REQUESTED", .completed),
        ("FAILED", .failed), ("TIMED_OUT", .failed), ("TERMINATED", .failed),
        ("REJECTED", .failed), ("CANCELED", .skipped),
    ]

    private static func status(of type: String) -> PipelineStatus {
        verbs.first { type.hasSuffix("_\($0.word)") }?.status ?? .other("UNKNOWN")
    }

    /// One spelling for `WorkflowTaskScheduled` and `EVENT_TYPE_WORKFLOW_TASK_SCHEDULED`.
    private static func normalized(_ type: String) -> String {
        guard !type.hasPrefix("EVENT_TYPE_") else { return String(type.dropFirst(11)) }
        var words = ""
        for letter in type.unicodeScalars {
            if (65...90).contains(letter.value), !words.isEmpty { words += "_" }
            words.unicodeScalars.append(letter)
        }
        return words.uppercased()
    }

    private static func attributes(of value: JSONValue) -> JSONValue? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.key.hasSuffix("EventAttributes") }?.value
    }

    private static func time(of value: JSONValue) throws(RowFault) -> Timestamp {
        guard let text = value["eventTime"]?.text else {
            throw RowFault(.missingValue(column: "eventTime"))
        }
        do {
            return try Timestamp(rfc3339: text)
        } catch {
            throw RowFault(.badTime(column: "eventTime", text: text, error))
        }
    }

    /// Everything of the entry that no column says.
    private static func metadata(of value: JSONValue) -> [UInt8]? {
        guard case .object(let members) = value else { return nil }
        var writer = JSONWriter()
        writer.value(
            .object(
                members.filter {
                    $0.key != "eventId" && $0.key != "eventTime" && $0.key != "eventType"
                }
            )
        )
        return writer.bytes
    }
}
