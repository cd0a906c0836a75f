import Cairn
import CairnTesting
import Testing

/// How a report of a provider finds the send that it is about.
struct ReportTests {
    private struct Broken: Error {}

    @discardableResult
    private func send(
        _ site: TestSite,
        key: String,
        reference: String?
    ) async throws -> DispatchResult {
        try await site.interactions().dispatch(
            customer: "anna",
            channel: .email,
            template: "welcome",
            key: key
        ) { _ in
            guard let reference else { throw Broken() }
            return .accepted(provider: "sendgrid", reference: reference)
        }
    }

    /// A report; as a soft bounce where the word is `bounce`.
    private func report(
        _ word: String,
        reference: String = "r",
        eventID: String? = nil,
        providerKey: String? = nil
    ) -> ProviderReport {
        var report = ProviderReport(
            provider: "sendgrid",
            reference: reference,
            word: word,
            eventID: eventID,
            providerKey: providerKey
        )
        if word == "bounce" { report.detail = "blocked" }
        return report
    }

    private func receive(
        _ report: ProviderReport,
        at site: TestSite
    ) async throws -> ReportResult {
        try await site.interactions().receive(report)
    }

    @Test(arguments: JournalKind.allCases)
    func `our own key finds a send also when its reference was given to another`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        try await send(site, key: "a", reference: "r")
        try await send(site, key: "b", reference: "r")
        let bounce = report("bounce", providerKey: "a#1")
        #expect(try await receive(bounce, at: site) == .applied(.failed))
        #expect(try await site.state(of: "a").status == .failed)
        #expect(try await site.state(of: "b").status == .sent)
        guard case .skipped = try await send(site, key: "b", reference: "r-2") else {
            Issue.record("b was sent again for a's bounce")
            return
        }
    }

    @Test func `our own key finds the attempt also when its reference was given again`()
        async throws
    {
        let site = try await TestSite()
        try await send(site, key: "k", reference: "r")
        _ = try await receive(report("bounce", eventID: "e-1"), at: site)
        try await send(site, key: "k", reference: "r")
        let late = report("open", eventID: "e-2", providerKey: "k#1")
        #expect(try await receive(late, at: site) == .applied(.opened))
        let attempts = try await site.state(of: "k").attempts
        #expect(attempts.map(\.status) == [.opened, .sent])
    }

    @Test(arguments: JournalKind.allCases)
    func `a report that finds its send by our key tells the reference, for later ones and early`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        try await send(site, key: "k", reference: nil)
        #expect(try await receive(report("delivered", eventID: "e-1"), at: site) == .kept)
        #expect(try await site.state(of: "k").verdict().word == "in_doubt")
        // Its answer was lost, and this report is the first that says which send it is about.
        let known = report("processed", eventID: "e-2", providerKey: "k#1")
        #expect(try await receive(known, at: site) == .applied(.delivered))
        #expect(try await receive(report("delivered", eventID: "e-1"), at: site) == .repeated)
        try await site.restart()
        #expect(
            try await receive(report("open", eventID: "e-3"), at: site) == .applied(.opened)
        )
        let row = try #require(
            try await site.interactions().history(customer: "anna").first
        )
        #expect(row.provider == "sendgrid")
        #expect(row.providerReference == "r")
        #expect(row.anomalyCount == 0)
    }

    @Test(arguments: JournalKind.allCases)
    func `a name that is linked stays with the send whose answer told it`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        try await send(site, key: "a", reference: "r")
        try await send(site, key: "b", reference: nil)
        let other = report("processed", eventID: "e-1", providerKey: "b#1")
        #expect(try await receive(other, at: site) == .applied(.sent))
        let open = report("open", eventID: "e-2")
        #expect(try await receive(open, at: site) == .applied(.opened))
        #expect(try await site.state(of: "a").status == .opened)
        #expect(try await site.state(of: "b").status == .sent)
    }

    @Test(arguments: JournalKind.allCases)
    func `more reports than are kept before the answer lose no status, and are counted`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let count = ReferenceMachine.earlyCountMax
        for number in 0..<count {
            let note = report("deferred", eventID: "n-\(number)")
            #expect(try await receive(note, at: site) == .kept)
        }
        try await site.restart()
        for (number, word) in ["deferred", "delivered", "open"].enumerated() {
            let late = report(word, eventID: "e-\(number)")
            #expect(try await receive(late, at: site) == .dropped)
            #expect(try await receive(late, at: site) == .repeated)
        }
        try await send(site, key: "k", reference: "r")
        #expect(try await site.state(of: "k").status == .opened)
        let sight = try #require(
            try await ItemView(site.journal).item(key: try ItemKey("k"), now: site.time.now)
        )
        #expect(sight.droppedReportCount == 3)
        #expect(sight.events.count == 2 + count + 2)
        #expect(try await receive(report("click", eventID: "e-9"), at: site) == .applied(.opened))
    }

    @Test func `two reports alike of two attempts under one reference are two`() async throws {
        let site = try await TestSite()
        for number in 1...2 {
            try await send(site, key: "k", reference: "r")
            #expect(try await receive(report("bounce"), at: site) == .applied(.failed))
            #expect(try await receive(report("bounce"), at: site) == .repeated)
            let state = try await site.state(of: "k")
            #expect(state.attempts.map(\.status) == Array(repeating: .failed, count: number))
        }
        #expect(try await site.state(of: "k").verdict().word == "failed_retryable")
    }

    @Test func `reports without a reference are told apart by our key alone`() async throws {
        let site = try await TestSite()
        for key in ["a", "b"] { try await send(site, key: key, reference: nil) }
        let named = report("processed", reference: "", providerKey: "a#1")
        #expect(try await receive(named, at: site) == .applied(.sent))
        // Nothing is known of whom it is about.
        #expect(try await receive(report("delivered", reference: ""), at: site) == .kept)
        let other = report("open", reference: "", providerKey: "b#1")
        #expect(try await receive(other, at: site) == .applied(.opened))
        #expect(try await site.state(of: "a").status == .sent)
    }
}
