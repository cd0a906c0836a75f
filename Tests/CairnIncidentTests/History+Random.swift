import CairnCore
import CairnDomains
import CairnTesting

extension History {
    private static let stages = [
        ("PARSING", "PARSE"), ("PARSER", "PARSE"), ("VALIDATION", "VAL"),
        ("API_CONNECTOR", "DOWNSTREAM"), ("SUBSCRIPTION_HANDLER", "NOTIFY"), ("Pr\u{FC}fung", "X"),
    ]

    /// A history of few requests with much that is odd: late, missing and repeated numbers, ties
    /// in every time, clocks that go back, unknown words, requests under two tenants.
    ///
    /// - Parameters:
    ///   - seed: What chooses everything in it.
    ///   - isTable: Whether it keeps the rules of the source's table: each row has a number,
    ///     unique in its request, and a request has one tenant.
    /// - Returns: The history.
    static func random(seed: UInt64, isTable: Bool = false) -> History {
        var random = SeededGenerator(seed: seed)
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        var history = History()
        var numbers: [String: [Int64]] = [:]
        let requestCount = Int.random(in: 1...9, using: &random)
        for _ in 0..<Int.random(in: 1...120, using: &random) {
            let request = Int.random(in: 0..<requestCount, using: &random)
            let id = "PAGW-\(["b", "B", "a-1", "a", "\u{E4}", "z", "10", "9", "Z"][request])"
            let (stage, prefix) = stages[Int.random(in: 0..<stages.count, using: &random)]
            let words = ["STARTED", "COMPLETED", "FAILED", "SKIPPED", "RETRY_SCHEDULED", "ODD"]
            let status = words[Int.random(in: 0..<words.count, using: &random)]
            let suffix =
                ["STARTED": "START", "COMPLETED": "OK", "FAILED": "FAIL"][status] ?? status
            let minutes = Int64.random(in: 0...90, using: &random)
            var event = PipelineEvent(
                tenant: ["anthem", "bcbs"][isTable || !chance(5) ? request % 2 : 1],
                stage: stage,
                eventType: chance(10) ? "DOWNSTREAM_TIMEOUT" : "\(prefix)_\(suffix)",
                status: PipelineStatus(status),
                createdAt: time(minutes: minutes)
            )
            let taken = numbers[id, default: []]
            var number = chance(80) ? Int64(taken.count + 1) : .random(in: -5...40, using: &random)
            if isTable { while taken.contains(number) { number += 1 } }
            numbers[id, default: []].append(number)
            event.sequenceNumber = isTable || chance(85) ? number : nil
            event.attempt = .random(in: 1...3, using: &random)
            event.isRetryable = chance(80)
            if chance(50) { event.nextRetryAt = time(minutes: .random(in: 0...90, using: &random)) }
            if chance(70) { event.durationMilliseconds = .random(in: 0...20, using: &random) }
            if chance(5) { event.durationMilliseconds = .random(in: 0...2_000_000, using: &random) }
            if chance(70) { event.workerID = "pod-\(Int.random(in: 0...4, using: &random))" }
            if chance(30) { event.errorCode = "E\(Int.random(in: 0...3, using: &random))" }
            if chance(40) {
                let count = Int.random(in: 0...20, using: &random)
                event.metadata = Array(#"{"diagnosisCount":\#(count),"to":["x"]}"#.utf8)
            }
            history.add(id, event)
        }
        return history
    }
}
