internal import CairnCore
internal import CairnDomains

extension Report {
    /// The report as JSON, in columns: the data that the page is drawn from.
    ///
    /// Words are numbers of the list `words`, and times are whole microseconds. Numbers that
    /// double precision cannot hold exactly are texts.
    ///
    /// - Complexity: Some 40 bytes for each event, and the texts once.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("format", 1)
        writer.member("requestCount", requests.count)
        writer.member("eventCount", events.count)
        writer.member("spanCount", spans.count)
        writeScope(to: &writer)
        writer.key("lanes")
        writer.integers(lanes)
        writer.member("definedLanes", definedLaneCount)
        writer.key("unreached")
        writer.strings(unreachedStages)
        writer.key("anomalies")
        writer.strings(anomalyNames)
        writeSlots(requestSlots, "requestSlots", to: &writer)
        writeSlots(ReportSlot.ofStage, "stageSlots", to: &writer)
        writer.key("columns")
        writer.strings(ReportEvent.columnNames)
        writer.member("stageBase", ReportChanges.stageBase)
        writeRequests(to: &writer)
        writeEvents(to: &writer)
        writeSpans(to: &writer)
        writer.key("changes")
        writer.rows(changes.patterns)
        writer.key("shapes")
        writer.rows(metadata.shapes)
        writer.key("metadata")
        writer.rows(metadata.rows)
        writeBuckets(to: &writer)
        writeFailures(to: &writer)
        if let streams { writeStreams(streams, to: &writer) }
        writer.key("words")
        writer.strings(words.texts)
        writer.endObject()
        return writer.bytes
    }

    /// The stages of the definition in which no request was.
    private var unreachedStages: [String] {
        let seen = Set(lanes.map { ExactText(words.texts[Int($0)]) })
        return definition.stages.map(\.name).filter { !seen.contains(ExactText($0)) }
    }

    private func writeScope(to writer: inout JSONWriter) {
        writer.key("scope")
        writer.beginObject()
        writer.member("since", query.since?.microseconds)
        writer.member("until", query.until?.microseconds)
        writer.member("tenant", query.tenant)
        writer.member("status", query.status)
        writer.member("stage", query.stage)
        writer.member("where", query.predicateText)
        writer.member("named", !query.requestIDs.isEmpty)
        writer.member("first", createdAt?.lowerBound.microseconds)
        writer.member("last", createdAt?.upperBound.microseconds)
        writer.member("position", bound.rawValue)
        writer.member("now", now.microseconds)
        writer.member("olderThan", query.olderThan.nanoseconds / 1_000)
        writer.member("deadlines", query.usesDeadlines)
        writer.member("pipeline", definition.name)
        writer.endObject()
    }

    private func writeStreams(_ streams: ReportStreams, to writer: inout JSONWriter) {
        writer.key("streams")
        writer.beginObject()
        writer.member("judged", streams.path != nil)
        writer.member("ends", streams.path?.ends.isEmpty == false)
        writer.member("memberBase", ReportChanges.memberBase)
        writer.key("members")
        writer.strings(members.names)
        writer.endObject()
    }

    private func writeSlots(
        _ slots: [ReportSlot],
        _ key: String,
        to writer: inout JSONWriter
    ) {
        writer.key(key)
        writer.beginArray()
        for slot in slots { writer.strings([slot.name, slot.kind.rawValue]) }
        writer.endArray()
    }

    private func writeRequests(to writer: inout JSONWriter) {
        writer.key("requests")
        writer.beginObject()
        writer.column("id", requests.map(\.id))
        writer.column("tenant", requests.map(\.tenant))
        writer.column("events", requests.map { Int64($0.eventCount) })
        writer.column("spans", requests.map { Int64($0.spanCount) })
        writer.column("failures", requests.map { Int64($0.failureCount) })
        writer.column("reason", requests.map(\.stuckReason))
        writer.column("since", requests.map(\.stuckSince))
        for (index, slot) in requestSlots.enumerated() {
            writer.column("s.\(slot.name)", requests.map { $0.values[index] })
        }
        writer.endObject()
    }

    private func writeEvents(to writer: inout JSONWriter) {
        func since(_ time: Int64?, _ event: ReportEvent) -> Int64? {
            time.map { $0 - event.createdAt }
        }
        writer.key("events")
        writer.beginObject()
        writer.column("lane", events.map(\.lane))
        writer.column("type", events.map(\.eventType))
        writer.column("status", events.map(\.status))
        writer.column("attempt", events.map(\.attempt))
        writer.column("retryable", events.map(\.isRetryable))
        writer.column("created", Self.differences(events.map(\.createdAt)))
        writer.column("recorded", events.map { since($0.recordedAt, $0) })
        writer.column("position", Self.differences(events.map(\.position)))
        writer.column("retry", events.map { since($0.nextRetryAt, $0) })
        writer.column("started", events.map { since($0.startedAt, $0) })
        writer.column("completed", events.map { since($0.completedAt, $0) })
        writer.column("number", events.map(\.sequenceNumber))
        writer.column("duration", events.map(\.durationMilliseconds))
        writer.column("code", events.map(\.errorCode))
        writer.column("message", events.map(\.errorMessage))
        writer.column("worker", events.map(\.workerID))
        writer.column("service", events.map(\.serviceName))
        writer.column("reference", events.map(\.externalReference))
        writer.column("given", events.map(\.givenStage))
        writer.column("tenant", events.map(\.otherTenant))
        writer.column("metadata", events.map(\.metadata))
        writer.column("anomalies", events.map(\.anomalies))
        writer.column("change", events.map(\.change))
        writer.endObject()
    }

    private static func differences(_ values: [Int64]) -> [Int64?] {
        var last: Int64 = 0
        return values.map { value in
            defer { last = value }
            return value &- last
        }
    }

    private func writeSpans(to writer: inout JSONWriter) {
        var starts: [Int64] = []
        var index = 0
        var event = 0
        for request in requests {
            let first = events[event..<event + request.eventCount].map(\.createdAt).min() ?? 0
            for span in spans[index..<index + request.spanCount] {
                starts.append(span.start - first)
            }
            index += request.spanCount
            event += request.eventCount
        }
        writer.key("spans")
        writer.beginObject()
        writer.column("kind", spans.map(\.kind.rawValue))
        writer.column("lane", spans.map(\.lane))
        // Counted from the request's first event.
        writer.column("start", starts)
        writer.column("length", spans.map { $0.end - $0.start })
        writer.column("first", spans.map { $0.first.map(Int64.init) })
        writer.column("last", spans.map { $0.last.map(Int64.init) })
        writer.endObject()
    }

    private func writeBuckets(to writer: inout JSONWriter) {
        writer.key("buckets")
        writer.beginObject()
        writer.member("start", buckets.start)
        writer.member("width", buckets.width)
        writer.member("count", buckets.count)
        for (name, counts) in [
            ("events", buckets.events), ("failures", buckets.failures),
            ("begun", buckets.begun), ("stuck", buckets.stuck),
        ] {
            writer.key(name)
            writer.integers(counts)
        }
        writer.key("lanes")
        writer.beginArray()
        for lane in lanes.indices.map(Int64.init) {
            let total = buckets.total(of: lane)
            writer.beginObject()
            writer.member("count", total.count)
            writer.key("p95")
            total.percentile95.map { writer.number($0) } ?? writer.null()
            writer.member("max", total.max)
            writer.key("p95s")
            writer.beginArray()
            for value in buckets.percentiles95(of: lane) {
                value.map { writer.number($0) } ?? writer.null()
            }
            writer.endArray()
            writer.key("failures")
            writer.integers(buckets.laneFailures[lane] ?? [])
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    private func writeFailures(to writer: inout JSONWriter) {
        writer.key("failures")
        writer.beginArray()
        for group in failures.sorted {
            writer.beginObject()
            writer.member("lane", group.key.lane)
            writer.member("code", group.key.code)
            writer.member("events", group.eventCount)
            writer.member("requests", group.requestCount)
            writer.member("first", group.first)
            writer.member("last", group.last)
            writer.member("message", group.message)
            writer.member("request", group.request)
            writer.member("event", group.event)
            writer.endObject()
        }
        writer.endArray()
    }
}
