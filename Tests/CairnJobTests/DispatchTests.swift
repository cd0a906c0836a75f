import Cairn
import Testing

/// One send to one customer, under a key: what it comes to, and what a repetition of it does.
struct DispatchTests {
    private func dispatch(
        _ site: TestSite,
        key: String? = "k",
        payload: String? = nil,
        policy: ItemPolicy = .standard,
        waitMax: TimeSpan = .seconds(30),
        _ send: @escaping @Sendable (Attempt) async throws -> SendOutcome
    ) async throws -> DispatchResult {
        try await site.interactions().dispatch(
            customer: "anna",
            channel: .email,
            template: "welcome",
            payload: payload,
            key: key,
            policy: policy,
            waitMax: waitMax,
            send
        )
    }

    private struct Broken: Error {}

    private static let acceptance = ItemAcceptance(
        provider: "sendgrid",
        providerReference: "sg-1",
        notifyReference: "n-1",
        body: "Hello",
        metadata: Array(#"{"b":1, "a":2}"#.utf8)
    )

    @Test(arguments: JournalKind.allCases)
    func `a repeated key is skipped with the first answer, also after a restart`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let keys = Shared<[String]>([])
        @Sendable func send(_ attempt: Attempt) -> SendOutcome {
            keys.change { $0.append(attempt.providerKey) }
            return .accepted(Self.acceptance)
        }
        #expect(try await dispatch(site, send) == .sent(Self.acceptance))
        #expect(try await dispatch(site, send) == .skipped(Self.acceptance))
        try await site.restart()
        #expect(try await dispatch(site, send) == .skipped(Self.acceptance))
        #expect(keys.value == ["k#1"])
    }

    @Test func `without a key nothing is ever skipped`() async throws {
        let site = try await TestSite()
        let keys = Shared<Set<String>>([])
        for _ in 0..<3 {
            let result = try await dispatch(site, key: nil) { attempt in
                keys.change { _ = $0.insert(attempt.providerKey) }
                return .accepted
            }
            #expect(result == .sent(ItemAcceptance()))
        }
        #expect(keys.value.count == 3)
    }

    @Test(arguments: JournalKind.allCases)
    func `a key that stands for other content is a conflict that names both digests`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        _ = try await dispatch(site, payload: #"{"a":1,"b":2}"#) { _ in .accepted }
        // The same JSON in another order and spelling is the same content.
        let same = try await dispatch(site, payload: #"{ "b": 2.0, "a": 1 }"#) { _ in .accepted }
        #expect(same == .skipped(ItemAcceptance()))
        try await site.restart()
        let error = await #expect(throws: InteractionError.self) {
            try await dispatch(site, payload: #"{"a":1,"b":3}"#) { _ in
                Issue.record("a conflict was sent")
                return .accepted
            }
        }
        guard case .conflict(let stored, let given) = error else {
            Issue.record("\(String(describing: error)) is no conflict")
            return
        }
        #expect(stored != given)
        #expect(try await site.state(of: "k").request?.content == stored)
        let text = "\(InteractionError.conflict(stored: stored, given: given))"
        #expect(text.contains("\(stored)") && text.contains("\(given)"))
    }

    @Test func `a key has between 1 and 255 characters`() async throws {
        let site = try await TestSite()
        await #expect(throws: InteractionError.key(.empty)) {
            try await dispatch(site, key: "") { _ in .accepted }
        }
        await #expect(throws: InteractionError.key(.tooLong(characterCount: 256))) {
            try await dispatch(site, key: String(repeating: "k", count: 256)) { _ in .accepted }
        }
    }

    @Test(arguments: JournalKind.allCases)
    func `two keys of 255 four-byte characters that differ in the last are two keys`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let beginning = String(repeating: "\u{1F600}", count: 254)
        let keys = Shared<[String]>([])
        for last in ["\u{1F601}", "\u{1F602}"] {
            for isFirst in [true, false] {
                let result = try await dispatch(site, key: beginning + last) { attempt in
                    keys.change { $0.append(attempt.providerKey) }
                    return .accepted
                }
                #expect(result == (isFirst ? .sent(.init()) : .skipped(.init())))
            }
            try await site.restart()
        }
        #expect(keys.value == ["\u{1F601}", "\u{1F602}"].map { "\(beginning)\($0)#1" })
    }

    @Test(arguments: JournalKind.allCases)
    func `a payload over the limit is refused by its size and nothing is sent`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let payload = String(repeating: "x", count: Limits.payloadByteCountMax)
        let error = await #expect(throws: InteractionError.self) {
            try await dispatch(site, payload: payload) { _ in
                Issue.record("it was sent")
                return .accepted
            }
        }
        guard case .item(.journal(.limit(.payloadTooLarge(_, let max)))) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(max == Limits.payloadByteCountMax)
        #expect(try await site.state(of: "k").verdict() == .fresh)
        #expect(try await dispatch(site, payload: "1") { _ in .accepted } == .sent(.init()))
    }

    @Test func `a closure that throws leaves the key in doubt, with what it said`() async throws {
        let site = try await TestSite()
        let result = try await dispatch(site) { _ in throw Broken() }
        guard case .inDoubt(let doubt, _) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(doubt == ItemDoubt(.error, detail: "Broken()"))
        try await site.restart()
        #expect(try await dispatch(site) { _ in .accepted } == result, "a doubt is not sent again")
    }

    @Test func `a closure that hangs is in doubt after its time, and its late answer counts`()
        async throws
    {
        let site = try await TestSite()
        let gate = Gate()
        let policy = ItemPolicy(timeout: .seconds(5))
        let result = try await site.time.flowing {
            try await dispatch(site, policy: policy) { _ in
                await gate.pass()
                return .accepted(Self.acceptance)
            }
        }
        guard case .inDoubt(ItemDoubt(.timeout), _) = result else {
            Issue.record("\(result)")
            return
        }
        gate.open()
        try await eventually("the late answer is taken") {
            try await site.state(of: "k").verdict() == .done(Self.acceptance)
        }
        let settlement = try await site.state(of: "k").current?.settlement
        #expect(settlement?.source == .lateReply)
        #expect(try await dispatch(site) { _ in .accepted } == .skipped(Self.acceptance))
    }

    @Test func `a late rejection of a send that timed out counts, too`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        _ = try await site.time.flowing {
            try await dispatch(site, policy: ItemPolicy(timeout: .seconds(5))) { _ in
                await gate.pass()
                throw NotSent("the queue was full")
            }
        }
        gate.open()
        try await eventually("the late answer is taken") {
            try await site.state(of: "k").verdict().word == "failed_retryable"
        }
        #expect(try await dispatch(site) { .accepted(body: $0.providerKey) }.body == "k#2")
    }

    @Test func `a dispatch whose task is cancelled leaves the key in doubt`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let running = Task { [interactions = site.interactions()] in
            try await interactions.dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: "k"
            ) { _ in
                async let arrival: Void = gate.pass()
                try await Task.sleep(for: .seconds(3_600))
                await arrival
                return .accepted
            }
        }
        try await gate.arrivals(1)
        running.cancel()
        gate.open()
        let result = try await running.value
        guard case .inDoubt(let doubt, _) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(doubt.cause == .cancelled)
        #expect(try await dispatch(site) { _ in .accepted } == result)
    }

    @Test func `what says that nothing was sent is known to have failed`() async throws {
        let site = try await TestSite()
        let now = site.time.now
        let result = try await dispatch(site) { _ in throw NotSent("no connection") }
        guard case .failed("no connection", let retryAt?) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(retryAt > now)
        let state = try await site.state(of: "k")
        #expect(state.verdict() == .failedRetryable(reason: "no connection", retryAt: retryAt))
        #expect(state.status == .failed)
        #expect(try await dispatch(site) { .accepted(body: $0.providerKey) }.body == "k#2")
    }

    @Test func `a final NotSent is not tried again`() async throws {
        let site = try await TestSite()
        let failed = DispatchResult.failed(reason: "no such template", retryAt: nil)
        let first = try await dispatch(site) { _ in
            throw NotSent("no such template", isFinal: true)
        }
        #expect(first == failed)
        #expect(try await dispatch(site) { _ in .accepted } == failed)
    }

    @Test(arguments: JournalKind.allCases)
    func `a soft rejection is tried again as a new attempt, a hard one never`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let soft = try await dispatch(site) { _ in .rejected(isFinal: false, reason: "busy") }
        guard case .failed("busy", .some) = soft else {
            Issue.record("\(soft)")
            return
        }
        #expect(try await site.state(of: "k").status == .failed)
        try await site.restart()
        #expect(try await dispatch(site) { .accepted(body: $0.providerKey) }.body == "k#2")
        #expect(try await site.state(of: "k").status == .sent)

        let hard = DispatchResult.failed(reason: "no such address", retryAt: nil)
        let first = try await dispatch(site, key: "h") { _ in
            .rejected(isFinal: true, reason: "no such address")
        }
        #expect(first == hard)
        try await site.restart()
        #expect(try await dispatch(site, key: "h") { _ in .accepted } == hard)
    }

    @Test(arguments: JournalKind.allCases)
    func `dispatches of one key at the same time send once`(kind: JournalKind) async throws {
        let site = try await TestSite(kind)
        let gate = Gate()
        let sendCount = Shared(0)
        let interactions = site.interactions()
        let results = try await site.time.flowing {
            try await withThrowingTaskGroup(of: DispatchResult.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await interactions.dispatch(
                            customer: "anna",
                            channel: .email,
                            template: "welcome",
                            key: "k",
                            waitMax: .seconds(3_000_000)
                        ) { _ in
                            sendCount.change { $0 += 1 }
                            await gate.pass()
                            return .accepted(Self.acceptance)
                        }
                    }
                }
                try await gate.arrivals(1)
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(sendCount.value == 1)
        #expect(results.count { $0 == .sent(Self.acceptance) } == 1)
        #expect(results.count { $0 == .skipped(Self.acceptance) } == 19)
    }

    @Test func `who does not want to wait for another holder is told that it is in flight`()
        async throws
    {
        let site = try await TestSite()
        let gate = Gate()
        let interactions = site.interactions()
        let first = Task {
            try await interactions.dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: "k"
            ) { _ in
                await gate.pass()
                return .accepted
            }
        }
        try await gate.arrivals(1)
        let result = try await dispatch(site, waitMax: .zero) { _ in .accepted }
        guard case .waiting(.inFlight(let holder, _)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(holder == site.worker.number)
        gate.open()
        #expect(try await first.value == .sent(ItemAcceptance()))
    }

    @Test(arguments: JournalKind.allCases)
    func `a holder that is gone leaves its key in doubt at once`(kind: JournalKind) async throws {
        let site = try await TestSite(kind)
        let gate = Gate()
        let interactions = site.interactions()
        let lost = Task {
            try? await interactions.dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: "k"
            ) { _ in
                await gate.pass()
                return .accepted
            }
        }
        try await gate.arrivals(1)
        try await site.restart()
        let verdict = try await site.interactions().verdict(of: ItemKey("k"))
        #expect(verdict.word == "in_doubt")
        let result = try await dispatch(site) { _ in .accepted }
        guard case .inDoubt(ItemDoubt(.holderGone), _) = result else {
            Issue.record("\(result)")
            return
        }
        gate.open()
        _ = await lost.value
    }

    @Test func `named rules say when a known key is sent again`() async throws {
        let site = try await TestSite()
        func verdict(_ rule: SkipRule, _ key: String) async throws -> DispatchResult {
            try await dispatch(site, key: key, policy: ItemPolicy(skip: rule)) {
                .accepted(body: $0.providerKey)
            }
        }
        for key in ["soft", "hard"] {
            _ = try await dispatch(site, key: key) { _ in
                .rejected(isFinal: key == "hard", reason: key)
            }
        }
        #expect(
            try await verdict(.ifKeyExists, "soft") == .failed(reason: "soft", retryAt: nil)
        )
        #expect(try await verdict(.standard, "hard") == .failed(reason: "hard", retryAt: nil))
        #expect(try await verdict(.unlessFailed, "hard").body == "hard#2")
        #expect(try await verdict(.standard, "soft").body == "soft#2")
        #expect(try await verdict(.ifKeyExists, "new").body == "new#1")
    }
}

extension SendOutcome {
    static func accepted(body: String) -> SendOutcome { .accepted(ItemAcceptance(body: body)) }
}

extension DispatchResult {
    /// What was sent now; nil for anything else.
    var body: String? {
        if case .sent(let acceptance) = self { acceptance.body } else { nil }
    }
}
