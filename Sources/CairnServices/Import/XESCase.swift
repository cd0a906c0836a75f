internal import CairnCore
internal import CairnDomains

/// What the events of one trace of a log become: the mapping of XES to `event_tracker`.
///
/// `concept:name` is stage and event type, `time:timestamp` the creation, `org:resource` the
/// worker, `org:group` the service, `lifecycle:transition` the status. Starts and completions of
/// one activity are paired for the times and the duration. Everything else is metadata, the raw
/// transition included; what the trace itself carries stands in the metadata of its first event
/// under `case:` and its key, and where a log has it after an event, against the schema, in that of
/// the next event or else of the last one. A trace without events is no request and leaves nothing.
struct XESCase {
    /// Most different activities and open starts that are followed in one trace.
    static let activityCountMax = 65_536
    static let openStartCountMax = 1_024

    private struct Activity {
        var completionCount: Int64 = 0
        var openStarts: [Timestamp] = []
    }

    /// The `concept:name` of the trace.
    var name: String?
    /// What the trace carries beside its name, until an event takes it.
    var attributes: [XESAttribute] = []
    private var activities: [ExactText: Activity] = [:]

    /// Makes the event of the next `event` element.
    mutating func event(
        of attributes: [XESAttribute],
        tenant: String
    ) throws(RowFault) -> PipelineEvent {
        guard let activity = Self.value("concept:name", in: attributes) else {
            throw RowFault(.missingValue(column: "concept:name"))
        }
        guard let createdAt = try Self.time("time:timestamp", in: attributes) else {
            throw RowFault(.missingValue(column: "time:timestamp"))
        }
        let transition = Self.value("lifecycle:transition", in: attributes)
        var event = PipelineEvent(
            tenant: tenant,
            stage: activity,
            eventType: activity,
            status: Self.status(of: transition),
            createdAt: createdAt
        )
        if event.status == .failed { event.isRetryable = false }
        event.workerID = Self.value("org:resource", in: attributes)
        event.serviceName = Self.value("org:group", in: attributes)
        follow(&event, start: try Self.time("start_timestamp", in: attributes))
        event.metadata = metadata(attributes)
        return event
    }

    /// Numbers the attempt and pairs the completion of an activity with its oldest open start.
    private mutating func follow(_ event: inout PipelineEvent, start: Timestamp?) {
        let name = ExactText(event.stage)
        guard activities.count < Self.activityCountMax || activities[name] != nil else { return }
        var activity = activities[name, default: Activity()]
        event.attempt = activity.completionCount + 1
        switch event.status {
        case .started:
            event.startedAt = event.createdAt
            if activity.openStarts.count < Self.openStartCountMax {
                activity.openStarts.append(event.createdAt)
            }
        case .completed:
            activity.completionCount += 1
            event.completedAt = event.createdAt
            event.startedAt = start
            if start == nil, !activity.openStarts.isEmpty {
                event.startedAt = activity.openStarts.removeFirst()
            }
            if let startedAt = event.startedAt, startedAt <= event.createdAt {
                event.durationMilliseconds =
                    event.createdAt.since(startedAt).nanoseconds / 1_000_000
            }
        case .failed, .skipped, .retryScheduled, .other: event.startedAt = start
        }
        activities[name] = activity
    }

    private func metadata(_ eventAttributes: [XESAttribute]) -> [UInt8]? {
        var writer = JSONWriter()
        writer.beginObject()
        var isEmpty = true
        for attribute in eventAttributes {
            if attribute.children.isEmpty, Self.isMapped(attribute.key) { continue }
            isEmpty = false
            writer.key(attribute.key)
            attribute.write(to: &writer)
        }
        for attribute in attributes {
            isEmpty = false
            writer.key("case:\(attribute.key)")
            attribute.write(to: &writer)
        }
        writer.endObject()
        return isEmpty ? nil : writer.bytes
    }

    /// Whether a column of the event says everything that the attribute says.
    private static func isMapped(_ key: String) -> Bool {
        switch key {
        case "concept:name", "time:timestamp", "org:resource", "org:group", "start_timestamp": true
        default: false
        }
    }

    private static func status(of transition: String?) -> PipelineStatus {
        guard let transition else { return .completed }
        return switch transition.lowercased() {
        case "start": .started
        case "complete", "closed", "resolved": .completed
        case "cancelled", "canceled", "declined", "reject", "ate_abort", "pi_abort": .failed
        case "autoskip", "manualskip": .skipped
        default: PipelineStatus(transition)
        }
    }

    private static func value(_ key: String, in attributes: [XESAttribute]) -> String? {
        attributes.first { $0.key == key }?.value
    }

    private static func time(
        _ key: String,
        in attributes: [XESAttribute]
    ) throws(RowFault) -> Timestamp? {
        guard let text = value(key, in: attributes) else { return nil }
        do {
            return try Timestamp(rfc3339: text)
        } catch {
            throw RowFault(.badTime(column: key, text: text, error))
        }
    }
}
