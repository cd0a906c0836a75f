import CairnDomains
import Testing

struct InteractionWordTests {
    @Test(
        arguments: [
            ("SENT", .sent), ("sent", .sent), ("Delivered", .delivered), ("failed", .failed),
            ("oPENED", .opened), ("", nil), ("SENT ", nil), ("READ", nil), ("\u{17F}ent", nil),
        ] as [(String, InteractionStatus?)]
    )
    func `a status is read in any case of ASCII`(word: String, status: InteractionStatus?) {
        #expect(InteractionStatus(word: word) == status)
    }

    @Test func `numbers and words never change`() {
        #expect(InteractionStatus.allCases.map(\.rawValue) == [1, 2, 3, 4])
        #expect(
            InteractionStatus.allCases.map { "\($0)" } == ["SENT", "DELIVERED", "FAILED", "OPENED"]
        )
        #expect(CallbackMeaning.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 6, 7])
        #expect(
            CallbackMeaning.allCases.map { "\($0)" } == [
                "sent", "delivered", "opened", "soft_failure", "hard_failure", "note", "unknown",
            ]
        )
        for meaning in CallbackMeaning.allCases {
            #expect(CallbackMeaning(word: meaning.word) == meaning)
        }
        #expect(CallbackMeaning(word: "SENT") == nil && CallbackMeaning(word: "") == nil)
    }

    @Test(arguments: InteractionStatus.allCases)
    func `a status that is reported outright gives that status`(status: InteractionStatus) {
        var facts = CallbackFacts()
        facts.take(status.meaning)
        #expect(facts.status == status)
        #expect(!facts.isFailureFinal)
    }

    @Test(
        arguments: [
            ("EMAIL", .email, "EMAIL"), ("email", .email, "EMAIL"), ("Sms", .sms, "SMS"),
            ("phone", .phone, "PHONE"), ("SYSTEM", .system, "SYSTEM"),
            ("WhatsApp", .other("WhatsApp"), "WhatsApp"), ("", .other(""), ""),
            ("\u{17F}ms", .other("\u{17F}ms"), "\u{17F}ms"),
        ] as [(String, Channel, String)]
    )
    func `a channel is one of four or kept as it was written`(
        text: String,
        channel: Channel,
        word: String
    ) {
        #expect(Channel(text) == channel)
        #expect(Array(Channel(text).word.utf8) == Array(word.utf8))
        #expect(Channel(channel.word) == channel)
    }

    @Test func `other channels are told apart by their bytes`() {
        #expect(Channel("caf\u{E9}") != Channel("cafe\u{301}"))
        #expect(Channel("fax") != Channel("Fax"))
        #expect(
            Set([Channel("fax"), Channel("fax"), Channel("FAX"), .other("SMS"), .sms]).count == 3
        )
    }
}
