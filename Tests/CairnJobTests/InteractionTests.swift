import Cairn
import CairnTesting
import Testing

/// What was said to a customer, and what providers report of it later.
struct InteractionTests {
    private struct Broken: Error {}

    @discardableResult
    private func send(
        _ site: TestSite,
        key: String = "k",
        customer: String = "anna",
        channel: Channel = .email,
        provider: String = "sendgrid",
        reference: String = "r-1",
        policy: ItemPolicy = .standard
    ) async throws -> DispatchResult {
        try await site.interactions().dispatch(
            customer: customer,
            channel: channel,
            template: "welcome",
            key: key,
            policy: policy
        ) { _ in
            .accepted(provider: provider, reference: reference)
        }
    }

    private func report(
        _ word: String,
        provider: String = "sendgrid",
        reference: String = "r-1",
        eventID: String? = nil,
        providerKey: String? = nil
    ) -> ProviderReport {
        ProviderReport(
            provider: provider,
            reference: reference,
            word: word,
            eventID: eventID,
            providerKey: providerKey
        )
    }

    @Test(arguments: JournalKind.allCases)
    func `a history is newest first, as long as it is asked for, and has notes`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        for number in 0..<5 {
            try await send(site, key: "k-\(number)", reference: "r-\(number)")
            site.time.advance(by: .seconds(1))
        }
        try await send(site, key: "other", customer: "ben", reference: "r-9")
        let uuid = try await site.interactions().addNote(customer: "anna", content: "called back")
        site.time.advance(by: .seconds(1))
        try await send(site, key: "fax", channel: Channel("Telefax"), reference: "r-8")
        try await site.restart()

        let history = try await site.interactions().history(customer: "anna")
        #expect(
            history.map(\.key) == ["fax", nil, "k-4", "k-3", "k-2", "k-1", "k-0"]
        )
        let times = history.compactMap(\.createdAt)
        #expect(times.count == 7 && times == times.sorted(by: >))
        #expect(history[0].channel == .other("Telefax"))
        #expect(history[0].channel?.word == "Telefax")
        #expect(history[1].channel == .phone)
        #expect(history[1].uuid == uuid)
        #expect(history[1].body == "called back")
        #expect(history[1].status == .sent)
        #expect(history[2].channel == .email)
        #expect(Set(history.map(\.uuid)).count == 7)
        let two = try await site.interactions().history(customer: "anna", limit: 2)
        #expect(two == Array(history.prefix(2)))
        #expect(try await site.interactions().history(customer: "anna", limit: 0).isEmpty)
        #expect(try await site.interactions().history(customer: "nobody").isEmpty)
    }

    @Test(arguments: JournalKind.allCases)
    func `a status is set by the provider's name, and never goes back`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        try await send(site)
        let interactions = site.interactions()
        let steps: [(InteractionStatus, InteractionStatus)] = [
            (.opened, .opened), (.delivered, .opened), (.failed, .opened), (.sent, .opened),
        ]
        for (told, status) in steps {
            let result = try await interactions.updateStatus(
                provider: "sendgrid",
                reference: "r-1",
                status: told
            )
            #expect(result == .applied(status))
        }
        try await site.restart()
        #expect(try await site.interactions().history(customer: "anna")[0].status == .opened)
    }

    @Test(arguments: JournalKind.allCases)
    func `reports that come before the send's answer are applied after it`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let interactions = site.interactions()
        let early = [report("delivered", eventID: "e-1"), report("open", eventID: "e-2")]
        for report in early { #expect(try await interactions.receive(report) == .kept) }
        #expect(try await interactions.receive(early[0]) == .repeated)
        try await site.restart()
        try await send(site)
        #expect(try await site.state(of: "k").status == .opened)
        #expect(try await site.interactions().receive(early[1]) == .repeated)
        #expect(try await site.state(of: "k").status == .opened)
    }

    @Test func `a report that came inside the send is applied after it`() async throws {
        let site = try await TestSite()
        let interactions = site.interactions()
        let delivered = report("delivered", eventID: "e-1")
        let result = try await interactions.dispatch(
            customer: "anna",
            channel: .email,
            template: "welcome",
            key: "k"
        ) { _ in
            let result = try await interactions.receive(delivered)
            #expect(result == .kept)
            return .accepted(provider: "SendGrid", reference: "r-1")
        }
        guard case .sent = result else {
            Issue.record("\(result)")
            return
        }
        #expect(try await site.state(of: "k").status == .delivered)
    }

    @Test func `a provider that is called by another of its names is the same`() async throws {
        let site = try await TestSite()
        let first = try await send(site, key: "a", provider: "SES", reference: "m-1")
        guard case .sent(let acceptance) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(acceptance.provider == "amazon-ses")
        let runner = site.runner()
        _ = try await runner.run(job: "job", items: ["b"], key: { $0 }) { _, _ in
            .accepted(provider: "Amazon-SES", reference: "m-2")
        }
        for (reference, key) in [("m-1", "a"), ("m-2", "b")] {
            let delivery = report("Delivery", provider: "ses", reference: reference)
            #expect(try await site.interactions().receive(delivery) == .applied(.delivered))
            #expect(try await site.state(of: key).status == .delivered)
        }
    }

    @Test(arguments: JournalKind.allCases)
    func `a repeated report changes nothing`(kind: JournalKind) async throws {
        let site = try await TestSite(kind)
        try await send(site)
        let delivered = report("delivered", eventID: "e-1")
        #expect(try await site.interactions().receive(delivered) == .applied(.delivered))
        let before = try await site.state(of: "k")
        #expect(try await site.interactions().receive(delivered) == .repeated)
        try await site.restart()
        var other = delivered
        other.body = Array("another envelope".utf8)
        #expect(try await site.interactions().receive(other) == .repeated)
        #expect(try await site.state(of: "k") == before)
    }

    @Test func `every order and repetition of reports gives one status`() async throws {
        let words = ["processed", "delivered", "open", "dropped"]
        var numbers = SeededGenerator(seed: 3)
        for round in 0..<40 {
            let site = try await TestSite()
            var order = (words + words).enumerated().map { ($0.offset % words.count, $0.element) }
            for index in order.indices.dropLast() {
                order.swapAt(index, index + numbers.below(order.count - index))
            }
            // The send's answer comes somewhere among them.
            let place = numbers.below(order.count + 1)
            for (index, (number, word)) in order.enumerated() {
                if index == place { try await send(site) }
                _ = try await site.interactions().receive(report(word, eventID: "e-\(number)"))
            }
            if place == order.count { try await send(site) }
            let found = try await site.interactions().history(customer: "anna")[0]
            #expect(found.status == .opened, "round \(round): \(order), sent at \(place)")
            #expect(found.isContradicted, "round \(round): \(order), sent at \(place)")
        }
    }

    @Test func `a word that nobody knows is kept and changes nothing`() async throws {
        let site = try await TestSite()
        try await send(site)
        let before = try await site.state(of: "k")
        let result = try await site.interactions().receive(report("teleported", eventID: "e-1"))
        #expect(result == .applied(.sent))
        let after = try await site.state(of: "k")
        #expect(after.status == before.status)
        #expect(after.verdict() == before.verdict())
        #expect(after.eventCount == before.eventCount + 1, "the report itself is kept")
    }

    @Test(arguments: JournalKind.allCases)
    func `one reference of two providers is two references`(kind: JournalKind) async throws {
        let site = try await TestSite(kind)
        try await send(site, key: "a", provider: "sendgrid", reference: "same")
        try await send(site, key: "b", provider: "mailgun", reference: "same")
        let word = report("failed", provider: "mailgun", reference: "same", eventID: "e-1")
        var final = word
        final.detail = "permanent"
        #expect(try await site.interactions().receive(final) == .applied(.failed))
        #expect(try await site.state(of: "a").status == .sent)
        #expect(try await site.state(of: "b").status == .failed)
        let unknown = report("delivered", provider: "postmark", reference: "same")
        #expect(try await site.interactions().receive(unknown) == .kept)
    }

    @Test func `a delivery that is reported cancels a retry that waits`() async throws {
        let site = try await TestSite()
        let time = site.time
        let runner = site.runner()
        let interactions = site.interactions()
        let retry = RetryPolicy(
            attemptCountMax: 5,
            initialDelay: .seconds(600),
            multiplierThousandths: 1_000,
            delayMax: .seconds(600),
            jitterThousandths: 0
        )
        let policy = JobPolicy(item: ItemPolicy(attempts: AttemptPolicy(retry: retry)))
        let sendCount = Shared(0)
        let running = Task {
            try await runner.run(job: "job", items: ["k"], key: { $0 }, policy: policy) { _, _ in
                sendCount.change { $0 += 1 }
                return .rejected(isFinal: false, reason: "said no and sent it all the same")
            }
        }
        try await eventually("it waits for its retry") {
            try await site.state(of: "k").verdict().word == "failed_retryable"
        }
        let delivered = report("delivered", reference: "r-7", providerKey: "k#1")
        #expect(try await interactions.receive(delivered) == .applied(.delivered))
        let result = try await time.flowing(stepMax: .seconds(1)) { try await running.value }
        #expect(sendCount.value == 1)
        #expect(result.counts.done == 1)
        #expect(result.counts.sent == 0)
    }

    @Test(arguments: JournalKind.allCases)
    func `a report with the provider key decides a doubt`(kind: JournalKind) async throws {
        let site = try await TestSite(kind)
        let first = try await site.interactions().dispatch(
            customer: "anna",
            channel: .email,
            template: "welcome",
            key: "a#b"
        ) { _ in throw Broken() }
        guard case .inDoubt = first else {
            Issue.record("\(first)")
            return
        }
        try await site.restart()
        // What another attempt's key says is about nothing that is known.
        let stray = report("delivered", eventID: "e-0", providerKey: "a#b#2")
        _ = try await site.interactions().receive(stray)
        #expect(try await site.state(of: "a#b").verdict().word == "in_doubt")
        let own = report("delivered", eventID: "e-1", providerKey: "a#b#1")
        #expect(try await site.interactions().receive(own) == .applied(.delivered))
        #expect(try await site.state(of: "a#b").verdict().word == "done")
        let again = try await send(site, key: "a#b")
        guard case .skipped = again else {
            Issue.record("\(again)")
            return
        }
    }

    @Test func `a doubt waits for its report, and is parked when none comes`() async throws {
        let site = try await TestSite()
        let interactions = site.interactions()
        let policy = JobPolicy(item: ItemPolicy(doubt: .awaitCallback(until: .seconds(60))))
        let runner = site.runner()
        let result = try await site.time.flowing {
            let running = Task {
                try await runner.run(
                    job: "job",
                    items: ["told", "silent"],
                    key: { $0 },
                    policy: policy
                ) { _, _ in throw Broken() }
            }
            try await eventually("it is in doubt") {
                try await site.state(of: "told").verdict().word == "in_doubt"
            }
            _ = try await interactions.receive(report("open", providerKey: "told#1"))
            return try await running.value
        }
        #expect(result.counts.done == 1)
        #expect(result.counts.parked == 1)
        #expect(result.parked["silent"]?.contains("Broken()") == true)
        #expect(try await site.state(of: "told").status == .opened)
    }

    @Test func `a bounce for now is sent again as a new attempt, one for good never`() async throws
    {
        let site = try await TestSite()
        for (key, detail) in [("soft", "blocked"), ("hard", "bounce")] {
            try await send(site, key: key, reference: "r-\(key)")
            var bounce = report("bounce", reference: "r-\(key)")
            bounce.detail = detail
            #expect(try await site.interactions().receive(bounce) == .applied(.failed))
        }
        guard case .sent = try await send(site, key: "soft", reference: "r-soft-2") else {
            Issue.record("the soft bounce was not sent again")
            return
        }
        #expect(try await site.state(of: "soft").attempts.count == 2)
        #expect(try await site.state(of: "soft").status == .sent)
        // The first attempt's late report is the first attempt's.
        let late = report("delivered", reference: "r-soft")
        #expect(try await site.interactions().receive(late) == .applied(.delivered))
        guard case .failed(_, nil) = try await send(site, key: "hard") else {
            Issue.record("the hard bounce was sent again")
            return
        }
    }
}
