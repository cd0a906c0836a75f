import CairnCore
import CairnDomains
import CairnTesting

extension PeerHistory {
    static let tenants = ["anthem", "bcbs", "o'neil"]

    private static let requests = [
        "PAGW-b", "PAGW-B", "PAGW-a-1", "PAGW-a", "PAGW-\u{E4}", "PAGW-9", "PAGW-10", "it's \\ one",
        "\u{1F600}",
    ]

    private static let stages = [
        ("PARSING", "PARSE"), ("PARSER", "PARSE"), ("VALIDATION", "VAL"),
        ("API_CONNECTOR", "DOWNSTREAM"), ("SUBSCRIPTION_HANDLER", "NOTIFY"), ("Pr\u{FC}fung", "x"),
    ]

    private static let texts = [
        "", "API_TIMEOUT", "it's", "say \"no\"", "line\nbreak", "cr\r\nlf", "\\N", "\\.", "a,b",
        "tab\t", "\u{1F600}\u{301}", "NULL", "null", " padded ", "$$ :name %s -- /* ;", "'",
    ]

    /// Whole numbers as the source's cast takes them, or nothing.
    private static let counts = [
        "3", "10", "11", "12", "-1", "2147483647", "\"11\"", "\"9\"", "null", "1.1e1", "0",
    ]

    /// Members that no query asks for, which must come through nevertheless.
    private static let members = [
        #""note":"it's \"so\" \\ \u00e9 \ud83d\ude00 \n""#, #""list":[1, 1.50 ,-0, 1E-3,[ ],{ }]"#,
        #""big":12345678901234567890.123"#, #""a":1,"a":2"#, "\"\":{\"\":null}",
        #""deep":{"z":true,"aa":false}"#, "\"u\":\"\u{E4}\u{1F600}\"",
    ]

    /// A history of few requests with much that is odd: late, missing and repeated numbers, ties
    /// in every time, clocks that go back, unknown words, texts that must be quoted, requests
    /// under two tenants, instants on both sides of every limit that the queries have.
    ///
    /// - Parameters:
    ///   - seed: What chooses everything in it.
    ///   - numbering: Where the rows' numbers come from.
    /// - Returns: The history.
    static func random(seed: UInt64, _ numbering: Numbering) -> PeerHistory {
        var random = SeededGenerator(seed: seed)
        var history = PeerHistory(numbering: numbering)
        history.now = history.now.adding(microseconds: random.draw(0...86_400_000_000))
        var numbers: [String: [Int64]] = [:]
        let requestCount = 1 + random.below(requests.count)
        for index in 0..<1 + random.below(160) {
            let request = random.below(requestCount)
            var event = history.event(of: request, &random)
            let taken = numbers[requests[request], default: []]
            var number = Int64(taken.count + 1)
            if random.isHit(20, outOf: 100) { number = random.draw(-5...40) }
            if numbering == .given { while taken.contains(number) { number += 1 } }
            numbers[requests[request], default: []].append(number)
            // Of mixed ones the first row has none, so that there is always one without.
            let isAbsent = index == 0 || random.isHit(15, outOf: 100)
            switch numbering {
            case .given: event.sequenceNumber = number
            case .places: event.sequenceNumber = nil
            case .mixed: event.sequenceNumber = isAbsent ? nil : number
            }
            history.rows.append(Row(request: requests[request], event: event))
            // A sender that heard no answer sends again, which adds nothing where ids are given.
            if numbering == .given, random.isHit(5, outOf: 100) {
                history.rows.append(history.rows[random.below(history.rows.count)])
            }
        }
        return history
    }

    private func event(of request: Int, _ random: inout SeededGenerator) -> PipelineEvent {
        let (stage, prefix) = random.pick(Self.stages)
        let status = random.pick([
            "STARTED", "COMPLETED", "COMPLETED", "FAILED", "SKIPPED", "RETRY_SCHEDULED", "In 'two'",
        ])
        let suffix = ["STARTED": "START", "COMPLETED": "OK", "FAILED": "FAIL"][status] ?? status
        // An import refuses a request of two tenants, but a journal and a table can hold one.
        let isElsewhere = numbering == .mixed && random.isHit(5, outOf: 100)
        var event = PipelineEvent(
            tenant: Self.tenants[isElsewhere ? random.below(3) : request % 3],
            stage: stage,
            eventType: random.isHit(10, outOf: 100) ? "DOWNSTREAM_TIMEOUT" : "\(prefix)_\(suffix)",
            status: PipelineStatus(status),
            createdAt: instant(&random)
        )
        event.attempt = random.draw(1...3)
        event.isRetryable = random.isHit(80, outOf: 100)
        if random.isHit(60, outOf: 100) { event.nextRetryAt = instant(&random) }
        if random.isHit(70, outOf: 100) { event.durationMilliseconds = duration(&random) }
        if random.isHit(20, outOf: 100) { event.startedAt = instant(&random) }
        if random.isHit(20, outOf: 100) { event.completedAt = instant(&random) }
        event.errorCode = text(30, &random)
        event.errorMessage = text(30, &random)
        event.externalReference = text(10, &random)
        event.workerID = text(40, &random)
        event.serviceName = text(10, &random)
        if random.isHit(60, outOf: 100) { event.metadata = Array(metadata(&random).utf8) }
        return event
    }

    /// Instants in whole microseconds, all that PostgreSQL keeps.
    private func instant(_ random: inout SeededGenerator) -> Timestamp {
        // The limits of the queries, in seconds before now.
        let limit = random.pick([0, 900, 86_400, 604_800] as [Int64]) * 1_000_000
        switch random.below(4) {
        case 0: return now.adding(microseconds: random.draw(-1...1) - limit)
        case 1: return now.adding(microseconds: -60_000_000 * random.draw(-20...40))
        case 2: return now.adding(microseconds: -3_600_000_000 * random.draw(0...200))
        default: return now.adding(microseconds: -random.draw(0...900_000_000_000))
        }
    }

    private func duration(_ random: inout SeededGenerator) -> Int64 {
        switch random.below(20) {
        case 0: random.draw(0...2_000_000)
        case 1: random.draw(-3...3)
        case 2: random.draw(0...(1 << 53))
        case 3: 10_000 * random.draw(0...3)
        default: random.draw(0...20)
        }
    }

    private func text(_ percent: Int, _ random: inout SeededGenerator) -> String? {
        guard random.isHit(percent, outOf: 100) else { return nil }
        return random.pick(Self.texts)
    }

    private func metadata(_ random: inout SeededGenerator) -> String {
        if random.isHit(5, outOf: 100) {
            return random.pick(["null", "[1,\"a\"]", " 5 ", "\"x\"", #""[\"b\"]""#, "1e400"])
        }
        var members: [String] = []
        if random.isHit(60, outOf: 100) {
            members.append("\"diagnosisCount\" : " + random.pick(Self.counts))
        }
        if random.isHit(60, outOf: 100) {
            let system = random.pick(["\"carelon\"", "\"carelon\"", "\"Carelon\"", "null", "5"])
            members.append("\"targetSystem\":" + system)
        }
        if random.isHit(40, outOf: 100) {
            members.append(
                "\"externalId\":" + random.pick(["\"E-1\"", "7", "null", "true", "\"\""])
            )
        }
        if random.isHit(30, outOf: 100) { members.append(random.pick(Self.members)) }
        return "{" + members.joined(separator: ", ") + "}"
    }
}

extension Timestamp {
    func adding(microseconds: Int64) -> Timestamp {
        adding(TimeSpan(nanoseconds: microseconds * 1_000))
    }
}
