import Cairn
import Testing

/// What no journal takes ends no more than the item it belongs to.
struct OversizeTests {
    private static let tooMuch = String(repeating: "x", count: Limits.payloadByteCountMax + 1)

    @Test(arguments: JournalKind.allCases)
    func `an item that no journal takes is failed by its size, and the others are sent`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let report = try await site.runner().run(
            job: "j",
            items: 0..<6,
            reading: JobItems(
                key: { "k\($0)" },
                message: { number in
                    InteractionMessage(
                        uuid: "u\(number)",
                        customer: "1",
                        channel: .email,
                        body: number == 3 ? Self.tooMuch : "hello"
                    )
                }
            )
        ) { item, _ in
            #expect(item != 3)
            return .accepted
        }
        #expect(report.counts.sent == 5)
        #expect(report.counts.failed == 1)
        #expect(report.failed["k3"]?.contains("at most \(Limits.payloadByteCountMax)") == true)
        #expect(try await site.state(of: "k3").verdict() == .fresh)
    }

    @Test func `an outcome that is too large is kept as sent, without its body`() async throws {
        let site = try await TestSite()
        let report = try await site.runner().run(job: "j", items: 0..<1, key: { "k\($0)" }) {
            _,
            _ in
            .accepted(provider: "p", reference: "r", body: Self.tooMuch)
        }
        #expect(report.counts.sent == 1)
        let acceptance = ItemAcceptance(provider: "p", providerReference: "r")
        #expect(try await site.state(of: "k0").verdict() == .done(acceptance))
    }

    @Test func `a closure that passes over the doubt of a step settles nothing`() async throws {
        let site = try await TestSite()
        struct Broken: Error {}
        let report = try await site.runner().run(
            job: "j",
            items: 0..<1,
            key: { "k\($0)" },
            policy: JobPolicy(item: ItemPolicy(worksInSteps: true))
        ) { _, attempt in
            _ = try? await attempt.step("charge") { () async throws -> Int in throw Broken() }
            return .accepted
        }
        #expect(report.counts.parked == 1)
        #expect(try await site.state(of: "k0").verdict().word == "in_doubt")
    }
}

/// What a run writes down of its own end.
struct RunEndTests {
    /// One item has an event of a newer program, so it cannot be read.
    @Test func `a run that an error ended does not say that it finished`() async throws {
        let site = try await TestSite()
        let key = try ItemKey("k1")
        let event = try NewEvent(type: "attempt.from_tomorrow", occurredAt: .unixEpoch, payload: [])
        try await site.journal.append(event, to: try key.stream)
        await #expect(throws: JobError.self) {
            try await site.runner().run(job: "j", items: 0..<3, key: { "k\($0)" }) { _, _ in
                .accepted
            }
        }
        let fold = StreamFold(JobMachine(), of: try JobMachine.stream(of: "j"))
        let state = try await fold.folded(in: site.journal).state
        #expect(state.lastEnd?.ending == .failed)
        #expect(state.openRuns.isEmpty)
    }
}
