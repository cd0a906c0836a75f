import Cairn
import CairnTesting
import Testing

/// A small batch, cut off after each of its events, and gone on with.
struct CrashSweepTests {
    /// How a doubt is dealt with, by the same words in all these tests.
    enum Policy: String, CaseIterable, Sendable {
        case park, ask, dedup
    }

    private static let items = ["plain", "lost-reply", "soft", "hard", "lost-request"]

    @Test(arguments: Policy.allCases, [1, 3])
    func `a crash after any event changes no outcome and sends nothing twice`(
        policy: Policy,
        concurrency: Int
    ) async throws {
        let time = TestTime()
        let journal = MemoryJournal(clock: { time.now })
        let provider = MemoryProvider(deduplicates: policy == .dedup, journal)
        let site = try await TestSite(journal, time)
        let whole = try await run(site, provider, policy, concurrency)
        #expect(whole.counts.left == 0)
        let expected = try await outcomes(site)
        let last = try await journal.head().lastPosition.rawValue
        var resumedCount = 0
        for count in 1...last {
            // What was sent when exactly these events were there may have happened or not.
            for isLate in [false, true] {
                let context =
                    "\(policy), \(concurrency) at once, event \(count) of \(last), "
                    + (isLate ? "sent" : "not sent")
                let memory = provider.requests { $0 < count || (isLate && $0 == count) }
                let copy = try await journal.prefix(count, clock: { time.now })
                let resumed = try await TestSite(copy, time)
                let again = MemoryProvider(memory, deduplicates: policy == .dedup, copy)
                let report = try await run(resumed, again, policy, concurrency)
                #expect(report.counts.left == 0, "\(context)")
                again.expectOnce(context)
                let found = try await outcomes(resumed)
                for (item, outcome) in expected where found[item] != outcome {
                    let isParked = policy == .park && found[item] == "in_doubt"
                    #expect(
                        isParked,
                        "\(context): \(item) is \(found[item] ?? "-"), not \(outcome)"
                    )
                }
                let requestCount = again.requestCount
                let idle = try await run(resumed, again, policy, concurrency)
                #expect(idle.counts.sent == 0, "\(context)")
                #expect(again.requestCount == requestCount, "\(context)")
                resumedCount += 1
            }
        }
        #expect(resumedCount >= 30)
    }

    private func run(
        _ site: TestSite,
        _ provider: MemoryProvider,
        _ policy: Policy,
        _ concurrency: Int
    ) async throws -> JobReport {
        let retry = RetryPolicy(
            attemptCountMax: 3,
            initialDelay: .milliseconds(1),
            multiplierThousandths: 1_000,
            delayMax: .milliseconds(1),
            jitterThousandths: 0
        )
        let doubt: DoubtPolicy =
            switch policy {
            case .park: .park
            case .ask:
                .ask(settle: .zero) { attempt in
                    provider.hasDelivered(attempt.providerKey) ? .sent(.init()) : .notSent
                }
            case .dedup: .dedupByKey
            }
        let runner = site.runner()
        return try await site.time.flowing {
            try await runner.run(
                job: "batch",
                items: Self.items,
                key: { $0 },
                policy: JobPolicy(
                    item: ItemPolicy(attempts: AttemptPolicy(retry: retry), doubt: doubt),
                    concurrency: concurrency
                )
            ) { item, attempt in
                try await provider.send(item, attempt)
            }
        }
    }

    private func outcomes(_ site: TestSite) async throws -> [String: String] {
        var outcomes: [String: String] = [:]
        for item in Self.items { outcomes[item] = try await site.state(of: item).verdict().word }
        return outcomes
    }
}

/// A provider that knows what it had accepted when its client died.
final class MemoryProvider: Sendable {
    /// One request, and the journal's end when it came.
    struct Request: Sendable {
        let position: UInt64
        let key: String
        let isDelivered: Bool
    }

    private struct Lost: Error {}

    private let journal: MemoryJournal
    private let deduplicates: Bool
    private let past: Shared<[Request]>

    init(_ requests: [Request] = [], deduplicates: Bool, _ journal: MemoryJournal) {
        past = Shared(requests)
        self.deduplicates = deduplicates
        self.journal = journal
    }

    var requestCount: Int { past.value.count }

    func requests(_ isKept: (UInt64) -> Bool) -> [Request] {
        past.value.filter { isKept($0.position) }
    }

    func hasDelivered(_ key: String) -> Bool {
        past.value.contains { $0.key == key && $0.isDelivered }
    }

    func send(_ item: String, _ attempt: Attempt) async throws -> SendOutcome {
        let key = attempt.providerKey
        let position = try await journal.head().lastPosition.rawValue
        let isFirst = !past.value.contains { $0.key == key }
        if deduplicates, hasDelivered(key) {
            past.change {
                $0.append(Request(position: position, key: key, isDelivered: false))
            }
            return .accepted
        }
        let isLost = item == "lost-request" && isFirst
        let isRejected = item == "hard" || (item == "soft" && attempt.number == 1)
        past.change {
            $0.append(
                Request(position: position, key: key, isDelivered: !isLost && !isRejected)
            )
        }
        if isLost || (item == "lost-reply" && isFirst) { throw Lost() }
        guard isRejected else { return .accepted }
        return .rejected(isFinal: item == "hard", reason: item)
    }

    /// Law 5, by what the provider saw.
    func expectOnce(_ context: String) {
        var byKey: [String: Int] = [:]
        var byItem: [Substring: Int] = [:]
        for request in past.value where request.isDelivered {
            byKey[request.key, default: 0] += 1
            byItem[request.key.prefix { $0 != "#" }, default: 0] += 1
        }
        #expect(byKey.values.allSatisfy { $0 == 1 }, "\(context): \(byKey)")
        #expect(byItem.values.allSatisfy { $0 == 1 }, "\(context): \(byItem)")
    }
}

extension MemoryJournal {
    /// A journal with this one's first events and nothing else: what a crash leaves after them.
    func prefix(
        _ count: UInt64,
        clock: @escaping @Sendable () -> Timestamp
    ) async throws -> MemoryJournal {
        var facts: [EventFacts] = []
        try await forEachEvent(upTo: Position(rawValue: count)) { header, frame in
            facts.append(EventFacts(header, frame: frame))
            return .proceed
        }
        let copy = MemoryJournal(clock: clock)
        for fact in facts {
            let event = try NewEvent(
                type: String(decoding: fact.type, as: UTF8.self),
                typeVersion: fact.typeVersion,
                id: fact.id,
                occurredAt: fact.occurredAt,
                recordedAt: fact.recordedAt,
                mayBeIgnored: fact.flags.contains(.mayBeIgnored),
                codec: fact.codec,
                payload: fact.payload
            )
            try await copy.append(event, to: streamID(of: fact.streamNumber))
        }
        return copy
    }
}
