/// The failures of a report, those of one stage with one error code together.
struct ReportFailures: Sendable {
    struct Key: Hashable, Sendable {
        let lane: Int64
        /// The word of the error code; nil where events have none.
        let code: Int64?
    }

    struct Group: Sendable {
        let key: Key
        var eventCount = 0
        var requestCount = 0
        /// In microseconds since 1970.
        var first: Int64
        var last: Int64
        /// The word of the first error message.
        var message: Int64?
        /// The request that failed so first, by its place, and the event's place in it.
        var request: Int
        var event: Int
        fileprivate var lastRequest = -1
    }

    /// In the order of their first events in the report.
    private var groups: [Group] = []
    private var indices: [Key: Int] = [:]

    mutating func take(_ failed: ReportEvent, ofRequest request: Int, event: Int) {
        let key = Key(lane: failed.lane, code: failed.errorCode)
        let index = indices[key] ?? groups.count
        if index == groups.count {
            indices[key] = index
            groups.append(
                Group(
                    key: key,
                    first: failed.createdAt,
                    last: failed.createdAt,
                    message: failed.errorMessage,
                    request: request,
                    event: event
                )
            )
        }
        groups[index].take(failed, ofRequest: request, event: event)
    }

    /// The most frequent first.
    var sorted: [Group] {
        groups.enumerated().sorted { left, right in
            (-left.element.eventCount, left.offset) < (-right.element.eventCount, right.offset)
        }.map(\.element)
    }
}

extension ReportFailures.Group {
    fileprivate mutating func take(_ failed: ReportEvent, ofRequest number: Int, event: Int) {
        eventCount += 1
        if lastRequest != number { requestCount += 1 }
        lastRequest = number
        last = max(last, failed.createdAt)
        message = message ?? failed.errorMessage
        guard failed.createdAt < first else { return }
        first = failed.createdAt
        request = number
        self.event = event
    }
}
