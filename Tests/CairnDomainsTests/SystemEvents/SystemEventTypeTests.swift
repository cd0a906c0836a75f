import CairnDomains
import Testing

/// The rule of names, as a table.
struct SystemEventTypeTests {
    static let longest = "a." + String(repeating: "b", count: 98)

    @Test(arguments: [
        "whatsapp.send_failure", "stripe.webhook.signature_failure", "a.b", "a1.b_",
        "s3.put_2", longest,
    ])
    func `a name that keeps the rule is taken as it is`(name: String) throws {
        #expect(try SystemEventType(name).name == name)
    }

    static let broken: [(String, SystemEventTypeFlaw)] = [
        ("", .partCount(1)),
        ("failure", .partCount(1)),
        ("a.b.c.d", .partCount(4)),
        (".b", .emptyPart(number: 1)),
        ("a.", .emptyPart(number: 2)),
        ("a..c", .emptyPart(number: 2)),
        ("..", .emptyPart(number: 1)),
        ("Whatsapp.failure", .badStart(partNumber: 1)),
        ("whatsapp.Failure", .badStart(partNumber: 2)),
        ("whatsapp._failure", .badStart(partNumber: 2)),
        ("whatsapp.2nd", .badStart(partNumber: 2)),
        ("whatsapp. failure", .badStart(partNumber: 2)),
        ("\u{E9}t\u{E9}.ok", .badStart(partNumber: 1)),
        ("whatsapp.sendFailure", .badCharacter(partNumber: 2)),
        ("whatsapp.send-failure", .badCharacter(partNumber: 2)),
        ("whats app.failure", .badCharacter(partNumber: 1)),
        ("whatsapp.failure\n", .badCharacter(partNumber: 2)),
        ("caf\u{E9}.ok", .badCharacter(partNumber: 1)),
        ("a.b.c\u{301}", .badCharacter(partNumber: 3)),
        (longest + "b", .tooLong(characterCount: 101, characterCountMax: 100)),
        (
            String(repeating: "\u{1F600}", count: 101),
            .tooLong(characterCount: 101, characterCountMax: 100)
        ),
        (String(repeating: "\u{1F600}", count: 100), .partCount(1)),
    ]

    @Test(arguments: broken)
    func `a name that breaks the rule is refused with its flaw`(
        name: String,
        flaw: SystemEventTypeFlaw
    ) {
        #expect(throws: SystemEventError.type(name, flaw)) { try SystemEventType(name) }
    }

    @Test func `every name of this library keeps the rule`() throws {
        for type in SystemEventType.known { #expect(try SystemEventType(type.name) == type) }
        #expect(Set(SystemEventType.known).count == 14)
    }

    @Test func `a message about a bad name does not fill a log`() {
        let error = SystemEventError.type(String(repeating: "x", count: 1 << 20), .partCount(1))
        #expect(error.description.count < 400)
        #expect(
            SystemEventError.type("failure", .partCount(1)).description
                == "'failure' is no event type: it has one part; two or three with dots between "
                + "them are needed"
        )
    }

    @Test func `levels are read in any case of ASCII and written as the table has them`() {
        #expect(SystemEventLevel.allCases.map(\.word) == ["INFO", "WARN", "ERROR"])
        for level in SystemEventLevel.allCases {
            #expect(SystemEventLevel(word: level.word.lowercased()) == level)
            #expect(SystemEventLevel(word: level.word) == level)
        }
        for word in ["", "WARNING", "\u{131}nfo", "ERROR "] {
            #expect(SystemEventLevel(word: word) == nil)
        }
    }
}
