internal import CairnCore
internal import CairnDomains

/// One event as a report holds it: words by their numbers, times in whole microseconds since 1970.
struct ReportEvent: Sendable {
    let lane: Int64
    let eventType: Int64
    let status: Int64
    let attempt: Int64
    let isRetryable: Int64
    let createdAt: Int64
    let recordedAt: Int64
    let nextRetryAt: Int64?
    let startedAt: Int64?
    let completedAt: Int64?
    let sequenceNumber: Int64
    let position: Int64
    let durationMilliseconds: Int64?
    let errorCode: Int64?
    let errorMessage: Int64?
    let workerID: Int64?
    let serviceName: Int64?
    let externalReference: Int64?
    /// The stage as the row has it, where that is not the name of its lane.
    let givenStage: Int64?
    /// The tenant, where it is not that of the request.
    let otherTenant: Int64?
    let metadata: Int64?
    /// One bit for each kind of anomaly, by the kinds' numbers.
    let anomalies: Int64
    /// Which of the report's changes the event makes to the state.
    var change: Int64 = 0

    /// The columns that a change may point to, by their names in the page's data.
    static let columnNames = [
        "type", "status", "attempt", "retryable", "retry", "number", "duration", "started",
        "completed", "code", "message",
    ]

    /// What the event has in one of ``columnNames``.
    func value(ofColumn index: Int) -> Int64? {
        switch index {
        case 0: eventType
        case 1: status
        case 2: attempt
        case 3: isRetryable
        case 4: nextRetryAt
        case 5: sequenceNumber
        case 6: durationMilliseconds
        case 7: startedAt
        case 8: completedAt
        case 9: errorCode
        case 10: errorMessage
        default: nil
        }
    }
}

extension Timestamp {
    /// Whole microseconds since 1970, the earlier one for an instant between two.
    var microseconds: Int64 {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000)
        return rest < 0 ? whole - 1 : whole
    }
}
