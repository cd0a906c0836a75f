import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// What lines of a mail log lead to, line by line.
struct PostfixImporterTests {
    let scratch: ScratchFolder
    let desk = PostfixDesk()

    init() throws {
        scratch = try ScratchFolder()
    }

    /// A line of a daemon at a second of one minute.
    static func line(_ second: Int, _ daemon: String, _ text: String) -> String {
        let number = second < 10 ? "0\(second)" : "\(second)"
        return "Dec  7 13:28:\(number) mail postfix/\(daemon)[7]: \(text)"
    }

    static func beginning(_ id: String, at second: Int = 0, from: String = "s@x") -> [String] {
        [
            line(second, "smtpd", "\(id): client=unknown[1.2.3.4]"),
            line(second, "cleanup", "\(id): message-id=<\(id)@x>"),
            line(second, "qmgr", "\(id): from=<\(from)>, size=100, nrcpt=1 (queue active)"),
        ]
    }

    static func delivery(
        _ id: String,
        _ status: String,
        at second: Int,
        to: String = "r@y",
        relay: String = "mx.y[5.6.7.8]:25",
        reply: String = "250 ok"
    ) -> String {
        line(
            second,
            "smtp",
            "\(id): to=<\(to)>, relay=\(relay), delay=1.5, delays=1/0/0/0, dsn=2.0.0, "
                + "status=\(status) (\(reply))"
        )
    }

    static let filter = "127.0.0.1[127.0.0.1]:10024"

    private func rows(_ lines: [String], year: Int? = 2_020) async throws -> [Touch] {
        let path = try scratch.file("log", lines.joined(separator: "\n") + "\n")
        try await desk.run([path], year: year)
        return try await desk.rows()
    }

    private func kinds(_ lines: [String]) async throws -> [String] {
        try await rows(lines).map(\.fact.kind.word)
    }

    @Test func `a message is an attempt with its times and its envelope`() async throws {
        let rows = try await rows(
            Self.beginning("A1B2C3") + [Self.delivery("A1B2C3", "sent", at: 2)]
        )
        #expect(rows.map(\.fact.kind.word) == ["send_attempt", "send_reachable", "send_success"])
        #expect(rows.map(\.user) == ["r@y", "r@y", "r@y"])
        #expect(
            String(decoding: try #require(rows.first).json, as: UTF8.self)
                == #"{"type":"send_attempt","queued_at":1607347680,"channel":"email","#
                + #""event":"mail","event_parameters":{"host":"mail","queue_id":"A1B2C3","#
                + #""message_id":"<A1B2C3@x>","from":"s@x","size":100,"nrcpt":1}}"#
        )
        #expect(rows.map(\.createdAt) == [1_607_347_680, 1_607_347_682, 1_607_347_682])
        let parents = Set(rows.compactMap(\.fact.parent))
        #expect(parents == [try #require(rows.first).uid.name])
    }

    @Test func `a retry, a refusal and a giving up are told apart`() async throws {
        let lines =
            Self.beginning("A1B2C3") + [
                Self.delivery("A1B2C3", "deferred", at: 1, to: "a@y", reply: "451 later (a)"),
                Self.delivery("A1B2C3", "deferred", at: 1, to: "b@y", reply: "451 later"),
                Self.delivery("A1B2C3", "bounced", at: 1, to: "c@y", reply: "550 unknown"),
                Self.delivery("A1B2C3", "sent", at: 2, to: "b@y"),
                Self.line(3, "qmgr", "A1B2C3: from=<s@x>, status=expired, returned to sender"),
                Self.line(3, "bounce", "A1B2C3: sender non-delivery notification: D4E5F6"),
                Self.line(3, "cleanup", "D4E5F6: message-id=<n@mail>"),
                Self.line(3, "qmgr", "A1B2C3: removed"),
                Self.delivery("D4E5F6", "sent", at: 4, to: "s@x"),
            ]
        let rows = try await rows(lines)
        let facts = rows.map { "\($0.fact.kind.word) \($0.fact.destination ?? "")" }
        #expect(
            facts == [
                "send_attempt ", "send_reachable ", "send_retry a@y", "send_reachable ",
                "send_retry b@y", "send_reachable ", "send_unretryable c@y", "send_success b@y",
                "send_abandon a@y",
            ]
        )
        let info = try #require(rows[2].fact.info)
        #expect(
            String(decoding: info, as: UTF8.self)
                == #"{"identifier":"2.0.0","text":"451 later (a)","delay":1.5,"#
                + #""relay":"mx.y[5.6.7.8]:25","queue_id":"A1B2C3"}"#
        )
    }

    @Test func `a message that a filter gives back is one, whatever order the lines have`()
        async throws
    {
        let first = Self.beginning("A1B2C3")
        let second = Self.beginning("D4E5F6", at: 1)
        let handover = Self.delivery(
            "A1B2C3",
            "sent",
            at: 1,
            relay: Self.filter,
            reply: "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as D4E5F6"
        )
        let last = Self.delivery("D4E5F6", "sent", at: 1)
        let removals = ["A1B2C3", "D4E5F6"].map { Self.line(1, "qmgr", "\($0): removed") }
        let orders = [
            first + second + [handover, last] + removals,
            first + second + [last, handover] + removals,
            first + second + [last] + removals + [handover],
            first + [handover] + second + [last] + removals,
            second + [last] + first + [handover] + removals,
            first + [handover, last] + removals,
        ]
        for lines in orders {
            let desk = PostfixDesk()
            let path = try scratch.file("log", lines.joined(separator: "\n"))
            let importer = try await desk.run([path])
            let kinds = try await desk.rows().map(\.fact.kind.word)
            #expect(kinds == ["send_attempt", "send_reachable", "send_success"], "\(lines)")
            #expect(importer.counts.sent == 2 && importer.counts.handedOver == 1)
        }
    }

    @Test func `a name that is used again is another message`() async throws {
        let round = Self.beginning("A1B2C3") + [Self.delivery("A1B2C3", "sent", at: 1)]
        let removal = [Self.line(1, "qmgr", "A1B2C3: removed")]
        let second =
            Self.beginning("A1B2C3", at: 2)
            + [Self.delivery("A1B2C3", "sent", at: 3, to: "other@y")]
        for lines in [round + removal + second, round + second] {
            let desk = PostfixDesk()
            let path = try scratch.file("log", lines.joined(separator: "\n"))
            try await desk.run([path])
            let rows = try await desk.rows()
            let isClosed = lines.count > 8
            // Without the line that sets the name free, the first message is not over for sure
            // until so much time has passed that it cannot be a next hop any more.
            if isClosed {
                #expect(rows.map(\.user) == ["r@y", "r@y", "r@y", "other@y", "other@y", "other@y"])
                #expect(Set(rows.compactMap(\.fact.parent)).count == 2)
            } else {
                #expect(rows.count >= 5)
            }
        }
        // Half a minute later it is.
        let late =
            Self.beginning("A1B2C3", at: 40)
            + [Self.delivery("A1B2C3", "sent", at: 41, to: "other@y")]
        let rows = try await rows(round + late)
        #expect(Set(rows.compactMap(\.fact.parent)).count == 2)
    }

    @Test func `a log that begins in the middle leaves its parents dangling`() async throws {
        let rows = try await rows([
            Self.delivery("A1B2C3", "deferred", at: 1),
            Self.line(20, "qmgr", "A1B2C3: from=<s@x>, size=1, nrcpt=1 (queue active)"),
            Self.delivery("A1B2C3", "sent", at: 21), Self.line(21, "qmgr", "A1B2C3: removed"),
        ])
        #expect(rows.map(\.fact.kind.word) == ["send_reachable", "send_retry", "send_success"])
        #expect(Set(rows.compactMap(\.fact.parent)).count == 1)
        let tree = try await TouchView(desk.journal).tree(of: rows[0].uid.name)?.tree
        #expect(tree?.attempt == nil)
        #expect(tree?.destinations.map(\.status) == [.delivered])
    }

    @Test(arguments: ["removed", "from=<s@x>, status=expired, returned to sender"])
    func `a message that ended without a recipient is an attempt of its sender's`(end: String)
        async throws
    {
        let rows = try await rows(
            Self.beginning("A1B2C3") + [Self.line(1, "qmgr", "A1B2C3: \(end)")]
        )
        #expect(rows.map(\.fact.kind.word) == ["send_attempt"])
        #expect(rows.first?.user == "s@x")
    }

    @Test func `the attempt of a message that is on its way waits for the recipient`() async throws
    {
        let lines = Self.beginning("A1B2C3")
        #expect(try await rows(lines) == [])
        let grown = try await rows(lines + [Self.delivery("A1B2C3", "deferred", at: 1)])
        #expect(grown.map(\.fact.kind.word) == ["send_attempt", "send_reachable", "send_retry"])
        let view = TouchView(desk.journal)
        #expect(try await view.touches(of: "r@y").rows.map(\.touch) == grown)
        #expect(try await view.touches(of: "s@x").rows.isEmpty)
    }

    @Test func `notices and messages without a sender are no touches`() async throws {
        let notice = Self.beginning("A1B2C3", from: "") + [Self.delivery("A1B2C3", "sent", at: 1)]
        #expect(try await rows(notice) == [])
        // The line that says what it is may come after its delivery.
        let late = [
            Self.delivery("D4E5F6", "sent", at: 1),
            Self.line(1, "bounce", "A1B2C3: sender non-delivery notification: D4E5F6"),
        ]
        #expect(try await rows(late) == [])
    }

    @Test func `a notice that goes through a filter is none either`() async throws {
        let first = Self.beginning("A1B2C3", from: "")
        let handover = Self.delivery(
            "A1B2C3",
            "sent",
            at: 1,
            relay: Self.filter,
            reply: "250 ok: queued as D4E5F6"
        )
        let last = Self.delivery("D4E5F6", "sent", at: 1)
        for lines in [
            first + [handover, last], first + [last, handover], [last] + first + [handover],
        ] {
            let desk = PostfixDesk()
            let path = try scratch.file("log", lines.joined(separator: "\n"))
            let importer = try await desk.run([path])
            #expect(importer.summary.events == 0)
            #expect(importer.counts.notices == 2 && importer.counts.handedOver == 1)
        }
    }

    @Test func `what arrived is not given up by a line that comes later`() async throws {
        let handover = Self.delivery(
            "A1B2C3",
            "sent",
            at: 1,
            relay: Self.filter,
            reply: "250 ok: queued as D4E5F6"
        )
        let lines =
            Self.beginning("A1B2C3") + [
                Self.delivery("D4E5F6", "sent", at: 1), handover,
                Self.line(2, "qmgr", "D4E5F6: from=<s@x>, status=expired, returned to sender"),
            ]
        #expect(try await kinds(lines) == ["send_attempt", "send_reachable", "send_success"])
    }

    @Test func `a refusal is an attempt that reached nobody`() async throws {
        let text =
            "NOQUEUE: reject: RCPT from unknown[1.2.3.4]: 550 5.1.1 <r@y>: Recipient address "
            + "rejected: User unknown; from=<s@x> to=<r@y> proto=ESMTP helo=<h>"
        let postscreen =
            "NOQUEUE: reject: RCPT from [1.2.3.4]:5: 550 5.7.1 Service unavailable; from=<s@x>, "
            + "to=<r@z>, proto=ESMTP, helo=<h>"
        let rows = try await rows([
            Self.line(1, "smtpd", text), Self.line(1, "smtpd", text),
            Self.line(1, "postscreen", postscreen),
            // Nobody was to be contacted, nothing was refused.
            Self.line(
                1,
                "smtpd",
                "NOQUEUE: reject: CONNECT from unknown[1.2.3.4]: 554; proto=SMTP"
            ),
            Self.line(1, "smtpd", "NOQUEUE: filter: RCPT from x: y; from=<> to=<r@y> proto=ESMTP"),
        ])
        #expect(rows.map(\.user) == ["r@y", "r@y", "r@y", "r@y", "r@z", "r@z"])
        #expect(
            rows.map(\.fact.kind.word)
                == ["send_attempt", "send_unreachable", "send_attempt", "send_unreachable"]
                + ["send_attempt", "send_unreachable"]
        )
        guard case .sendAttempt(let attempt) = rows[0].fact else { return }
        let parameters = try JSONValue.parse(attempt.parameters)
        #expect(parameters["stage"] == .string("RCPT"))
        #expect(
            parameters["reason"]
                == .string("550 5.1.1 <r@y>: Recipient address rejected: User unknown")
        )
    }

    @Test func `a log that grew adds what is new`() async throws {
        let lines =
            Self.beginning("A1B2C3") + [
                Self.delivery("A1B2C3", "deferred", at: 1),
                Self.line(20, "qmgr", "A1B2C3: from=<s@x>, size=100, nrcpt=1 (queue active)"),
                Self.delivery("A1B2C3", "sent", at: 21), Self.line(21, "qmgr", "A1B2C3: removed"),
            ]
        let whole = PostfixDesk()
        try await whole.run([scratch.file("whole", lines.joined(separator: "\n"))])
        for count in 1...lines.count {
            let desk = PostfixDesk()
            let part = try scratch.file("part", lines[..<count].joined(separator: "\n"))
            let first = try await desk.run([part])
            let second = try await desk.run([scratch.path("whole")])
            #expect(first.summary.events + second.summary.events == 4)
            let rows = try await desk.rows()
            #expect(Set(rows) == Set(try await whole.rows()))
            #expect(rows.map(\.user) == ["r@y", "r@y", "r@y", "r@y"])
            let tree = try await TouchView(desk.journal).tree(of: rows[0].uid.name)?.tree
            #expect(tree?.rows.count == 4)
        }
    }

    @Test func `a log that is cut at any line and then whole leads to the rows of the whole`()
        async throws
    {
        let refusal =
            "NOQUEUE: reject: RCPT from x[1.2.3.4]: 550 5.1.1 <r@z>: unknown; from=<s@x> "
            + "to=<r@z> proto=ESMTP helo=<h>"
        let handover = Self.delivery(
            "C1C2C3",
            "sent",
            at: 5,
            to: "c@y",
            relay: Self.filter,
            reply: "250 ok: queued as D4E5F6"
        )
        var lines = Self.beginning("A1B2C3") + Self.beginning("B1B2B3", at: 1, from: "b@x")
        lines += [
            Self.line(2, "smtpd", refusal), Self.line(2, "postsuper", "B1B2B3: removed"),
            Self.delivery("A1B2C3", "deferred", at: 3, to: "a@y"),
            Self.delivery("A1B2C3", "bounced", at: 3, to: "b@y"),
        ]
        lines += Self.beginning("C1C2C3", at: 4) + Self.beginning("D4E5F6", at: 5)
        lines += [
            handover, Self.line(5, "qmgr", "C1C2C3: removed"),
            Self.delivery("D4E5F6", "sent", at: 6, to: "c@y"),
            Self.line(6, "qmgr", "D4E5F6: removed"),
            Self.line(40, "qmgr", "A1B2C3: from=<s@x>, size=100, nrcpt=2 (queue active)"),
            Self.delivery("A1B2C3", "deferred", at: 41, to: "a@y"),
            Self.line(42, "qmgr", "A1B2C3: from=<s@x>, status=expired, returned to sender"),
            Self.line(42, "qmgr", "A1B2C3: removed"),
        ]
        let whole = try await rows(lines, year: nil)
        #expect(whole.count == 13)
        #expect(whole.filter { $0.user == "b@x" }.map(\.fact.kind) == [.sendAttempt])
        #expect(!whole.contains { $0.user == "s@x" })
        for count in 0..<lines.count {
            let desk = PostfixDesk()
            let part = try scratch.file("part", lines[..<count].joined(separator: "\n") + "\n")
            let first = try await desk.run([part])
            let second = try await desk.run([scratch.path("log")])
            #expect(first.summary.events + second.summary.events == whole.count)
            #expect(Set(try await desk.rows()) == Set(whole), "\(count) lines")
        }
    }

    @Test func `a line that is none leaves what is undecided to the mended log`() async throws {
        let handover = Self.delivery(
            "A1B2C3",
            "sent",
            at: 21,
            relay: Self.filter,
            reply: "250 ok: queued as D4E5F6"
        )
        var lines = Self.beginning("B1B2B3") + [Self.delivery("B1B2B3", "sent", at: 1)]
        lines += Self.beginning("A1B2C3", at: 20) + Self.beginning("D4E5F6", at: 21)
        lines += [Self.delivery("D4E5F6", "sent", at: 21), handover]
        let whole = try await rows(lines)
        #expect(whole.count == 6)
        for count in 0...lines.count {
            let desk = PostfixDesk()
            let cut = Array(lines[..<count]) + ["garbage"] + lines[count...]
            let path = try scratch.file("cut", cut.joined(separator: "\n"))
            let importer = PostfixImporter(into: desk.journal, year: 2_020, now: PostfixDesk.now)
            await #expect(throws: ImportError.self) { try await importer.run([path]) }
            // Messages that began less than 10 seconds before it are not decided.
            #expect(importer.hasUndecided == (count > 0))
            #expect(importer.summary.events == (count > 4 ? 3 : 0))
            let again = PostfixImporter(into: desk.journal, year: 2_020, now: PostfixDesk.now)
            await #expect(throws: ImportError.self) { try await again.run([path]) }
            #expect(again.summary.events == 0)
            try await desk.run([scratch.path("log")], year: 2_020)
            #expect(Set(try await desk.rows()) == Set(whole), "\(count) lines")
        }
    }

    @Test func `a message goes on in the next file of one import`() async throws {
        let first = try scratch.file(
            "1",
            (Self.beginning("A1B2C3") + [Self.delivery("A1B2C3", "deferred", at: 1)])
                .joined(separator: "\n")
        )
        let second = try scratch.file("2", Self.delivery("A1B2C3", "sent", at: 50))
        try await desk.run([first, second])
        let rows = try await desk.rows()
        #expect(rows.count == 4)
        #expect(Set(rows.compactMap(\.fact.parent)) == [rows[0].uid.name])
    }
}
