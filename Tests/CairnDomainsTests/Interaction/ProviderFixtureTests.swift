import CairnDomains
import CairnTestSupport
import Testing

/// Recorded callbacks, which lie beside the package where it is developed and nowhere else.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct ProviderFixtureTests {
    /// How many words of each meaning a folder has, counted by hand.
    struct Count: Sendable, CustomTestStringConvertible {
        let folder: String
        let meanings: [CallbackMeaning: Int]

        var testDescription: String { folder }
    }

    static let counts: [Count] = [
        Count(
            folder: "sendgrid",
            meanings: [.sent: 2, .delivered: 2, .opened: 3, .hardFailure: 6, .note: 1]
        ),
        Count(
            folder: "amazon-ses-sns",
            meanings: [
                .sent: 1, .delivered: 3, .opened: 2, .hardFailure: 6, .note: 2, .unknown: 1,
            ]
        ),
        Count(
            folder: "gcnotify",
            meanings: [
                .sent: 1, .delivered: 7, .softFailure: 1, .hardFailure: 5, .note: 3, .unknown: 1,
            ]
        ),
        Count(
            folder: "mailgun",
            meanings: [.sent: 2, .delivered: 2, .opened: 4, .hardFailure: 5, .note: 7]
        ),
        Count(
            folder: "postmark",
            meanings: [.delivered: 2, .opened: 4, .hardFailure: 2, .note: 7]
        ),
        Count(
            folder: "mailchimp",
            meanings: [
                .sent: 3, .delivered: 1, .opened: 4, .softFailure: 1, .hardFailure: 3, .note: 5,
            ]
        ),
        Count(
            folder: "whatsapp",
            meanings: [.sent: 2, .delivered: 1, .opened: 3, .hardFailure: 1]
        ),
        Count(folder: "twilio", meanings: [.delivered: 1]),
        // Not about messages at all: nobody listed the provider.
        Count(folder: "stripe", meanings: [.unknown: 1]),
    ]

    @Test(arguments: counts)
    func `recorded words mean what the notes beside them say`(count: Count) throws {
        let words = try ProviderFixture(folder: count.folder).words()
        let meanings = words.map {
            ProviderVocabulary.builtIn.meaning(
                provider: $0.provider,
                word: $0.word,
                detail: $0.detail
            )
        }
        let found = Dictionary(grouping: meanings) { $0 }.mapValues(\.count)
        #expect(found == count.meanings, "\(zip(words, meanings).map { "\($0) = \($1)" })")
    }

    /// Words whose meaning is worth naming, by where they were found.
    static let examples: [(String, ProviderWord, CallbackMeaning)] = [
        (
            "sendgrid", ProviderWord(provider: "sendgrid", word: "bounce", detail: "bounce"),
            .hardFailure
        ),
        (
            "amazon-ses-sns", ProviderWord(provider: "amazon-ses", word: "Received"),
            .unknown
        ),
        (
            "gcnotify",
            ProviderWord(provider: "amazon-ses", word: "Bounce", detail: "unknown-bounce"),
            .unknown
        ),
        (
            "gcnotify",
            ProviderWord(provider: "amazon-ses", word: "Bounce", detail: "Transient"),
            .softFailure
        ),
        (
            "gcnotify",
            ProviderWord(provider: "amazon-pinpoint", word: "SUCCESSFUL", detail: "false"), .sent
        ),
        (
            "gcnotify",
            ProviderWord(provider: "amazon-pinpoint", word: "SUCCESSFUL", detail: "true"),
            .delivered
        ),
        (
            "gcnotify",
            ProviderWord(
                provider: "amazon-pinpoint",
                word: "Phone is currently unreachable/unavailable"
            ),
            .hardFailure
        ),
        (
            "gcnotify",
            ProviderWord(
                provider: "amazon-sns",
                word: "FAILURE",
                detail: "Phone is currently unreachable/unavailable"
            ),
            .hardFailure
        ),
        (
            "mailgun",
            ProviderWord(provider: "mailgun", word: "failed", detail: "temporary"), .note
        ),
        (
            "postmark", ProviderWord(provider: "postmark", word: "Bounce", detail: "Unsubscribe"),
            .note
        ),
        ("mailchimp", ProviderWord(provider: "mailchimp", word: "blacklist"), .note),
        ("whatsapp", ProviderWord(provider: "whatsapp", word: "played"), .opened),
        (
            "whatsapp",
            ProviderWord(provider: "whatsapp", word: "failed", detail: "130472"), .hardFailure
        ),
    ]

    @Test(arguments: examples)
    func `a recorded word is found and read`(
        folder: String,
        word: ProviderWord,
        meaning: CallbackMeaning
    ) throws {
        #expect(try ProviderFixture(folder: folder).words().contains(word))
        let found = ProviderVocabulary.builtIn.meaning(
            provider: word.provider,
            word: word.word,
            detail: word.detail
        )
        #expect(found == meaning)
    }

    @Test func `dropped and clicked of one message contradict each other`() throws {
        // The two callbacks of a recorded batch, which name one message and one event.
        var facts = CallbackFacts()
        for word in ["dropped", "click"] {
            facts.take(ProviderVocabulary.builtIn.meaning(provider: "sendgrid", word: word))
        }
        #expect(facts.isContradiction && facts.status == .opened)
    }
}
