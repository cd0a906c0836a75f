import CairnCore
import CairnDomains
import Testing

struct ProviderVocabularyTests {
    static let builtIn = ProviderVocabulary.builtIn

    @Test func `the built-in vocabulary is the one in the specification`() throws {
        let bytes = try PipelineDefinitionTests.specification("Providers/words.json")
        let read = try ProviderVocabulary(json: bytes)
        #expect(read == Self.builtIn)
        #expect(read.fingerprint == Self.builtIn.fingerprint)
        #expect(read.providerNames.count == 18)
    }

    @Test func `a vocabulary is read back from its own JSON`() throws {
        let bytes = Self.builtIn.json.canonicalBytes
        let read = try ProviderVocabulary(json: bytes)
        #expect(read == Self.builtIn)
        #expect(read.json.canonicalBytes == bytes)
        var changed = read
        changed.define(.hardFailure, provider: "SES", word: "Bounce")
        #expect(changed != read && changed.fingerprint != read.fingerprint)
        #expect(try ProviderVocabulary(json: changed.json.canonicalBytes) == changed)
    }

    /// What fixtures do not show, and what decides between a word and its detail.
    static let lookups: [(String, String, String?, CallbackMeaning)] = [
        ("sendgrid", "bounce", "blocked", .softFailure), ("sendgrid", "bounce", nil, .unknown),
        ("sendgrid", "bounce", "expired", .unknown), ("SendGrid", "DELIVERED", nil, .delivered),
        ("sendgrid", "processed", "x", .sent), ("sendgrid", "sent", nil, .unknown),
        ("ses", "Bounce", "Undetermined", .softFailure),
        ("SES", "bounce", "permanent", .hardFailure),
        ("amazon-ses", "Complaint", nil, .note), ("amazon-ses", "Complaint", "x", .note),
        ("amazon-ses", "Complaint", "OnAccountSuppressionList", .hardFailure),
        ("mailgun", "failed", "temporary", .note), ("mailgun", "failed", nil, .unknown),
        ("postmark", "Bounce", "SoftBounce", .softFailure),
        ("postmark", "Bounce", "DnsError", .note), ("postmark", "Bounce", "Unknown", .unknown),
        ("postmark", "SpamComplaint", "SpamComplaint", .note),
        ("mailjet", "sent", nil, .delivered), ("mailjet", "bounce", "true", .hardFailure),
        ("mailjet", "bounce", "false", .softFailure), ("mailjet", "bounce", nil, .softFailure),
        ("brevo", "unique_proxy_open", nil, .opened), ("mandrill", "reject", nil, .hardFailure),
        ("mailtrap", "soft bounce", nil, .note), ("mailomat", "not_accepted", nil, .hardFailure),
        ("resend", "email.delivery_delayed", nil, .note), ("sweego", "email_sent", nil, .sent),
        ("mailersend", "activity.hard_bounced", nil, .hardFailure),
        ("twilio", "failed", nil, .softFailure), ("twilio", "failed", "30008", .softFailure),
        ("twilio", "undelivered", "30005", .hardFailure), ("twilio", "sending", nil, .note),
        ("twilio", "canceled", nil, .hardFailure), ("twilio", "read", nil, .opened),
        ("twilio", "partially_delivered", nil, .unknown),
        ("whatsapp", "failed", "130472", .hardFailure), ("whatsapp", "deleted", nil, .unknown),
        ("gcnotify", "temporary-failure", nil, .softFailure),
        ("govuk-notify", "permanent-failure", nil, .hardFailure),
        ("gcnotify", "pending-virus-check", nil, .note), ("gcnotify", "sent", nil, .sent),
        ("sns", "FAILURE", "Phone has blocked SMS", .softFailure),
        ("sns", "FAILURE", "Something new", .hardFailure), ("sns", "PENDING", nil, .unknown),
        ("pinpoint", "SUCCESSFUL", nil, .unknown), ("vonage", "undeliverable", nil, .hardFailure),
    ]

    @Test(arguments: lookups)
    func `a word means what its provider means by it`(
        provider: String,
        word: String,
        detail: String?,
        meaning: CallbackMeaning
    ) {
        #expect(Self.builtIn.meaning(provider: provider, word: word, detail: detail) == meaning)
    }

    @Test(
        arguments: [
            ("SENT", .sent), ("delivered", .delivered), ("Opened", .opened),
            ("FAILED", .softFailure), ("bounce", .unknown), ("", .unknown),
        ] as [(String, CallbackMeaning)]
    )
    func `the four statuses mean themselves for a provider that nobody listed`(
        word: String,
        meaning: CallbackMeaning
    ) {
        #expect(Self.builtIn.meaning(provider: "acme", word: word, detail: "x") == meaning)
        #expect(ProviderVocabulary().meaning(provider: "", word: word) == meaning)
    }

    @Test func `a new word of a provider is unknown until it is added`() throws {
        let text = #"{"providers":[{"name":"whatsapp","words":{"opened":["read"]}}]}"#
        var vocabulary = try ProviderVocabulary(json: Array(text.utf8))
        #expect(vocabulary.meaning(provider: "whatsapp", word: "played") == .unknown)
        vocabulary.define(.opened, provider: "WhatsApp", word: "played")
        #expect(vocabulary.meaning(provider: "whatsapp", word: "played") == .opened)
        vocabulary.define(.note, provider: "whatsapp", word: "Read")
        #expect(vocabulary.meaning(provider: "whatsapp", word: "read") == .note)
        #expect(vocabulary.providerNames == ["whatsapp"])
    }

    @Test func `a provider that is added keeps the four statuses`() {
        var vocabulary = ProviderVocabulary.builtIn
        vocabulary.define(.hardFailure, provider: "Acme", word: "bounce", detail: "gone")
        #expect(
            vocabulary.meaning(provider: "acme", word: "Bounce", detail: "Gone") == .hardFailure
        )
        #expect(vocabulary.meaning(provider: "acme", word: "bounce") == .unknown)
        #expect(vocabulary.meaning(provider: "acme", word: "opened") == .opened)
        #expect(vocabulary.name(ofProvider: "ACME") == "Acme")
    }

    @Test func `a provider has one name`() {
        #expect(Self.builtIn.name(ofProvider: "Mandrill") == "mailchimp")
        #expect(Self.builtIn.name(ofProvider: "SENDGRID") == "sendgrid")
        #expect(Self.builtIn.name(ofProvider: "Acme") == "acme")
    }

    @Test(arguments: [
        ("{", "the provider vocabulary is not JSON: the JSON text ends too early at byte 1"),
        ("[]", "its top: it is a JSON array and should be an object"),
        ("{}", "providers: it is missing"),
        (#"{"providers":{}}"#, "providers: it is a JSON object and should be an array"),
        (#"{"providers":[],"x":1}"#, "x: no such key exists"),
        (#"{"providers":[],"providers":[]}"#, "providers: the key stands twice"),
        (#"{"providers":[{}]}"#, "providers[0].name: it is missing"),
        (#"{"providers":[{"name":""}]}"#, "providers[0].name: it is empty"),
        (#"{"providers":[{"name":"a"}]}"#, "providers[0].words (provider 'a'): it is missing"),
        (
            #"{"providers":[{"name":"a","words":{},"word":{}}]}"#,
            "providers[0].word (provider 'a'): no such key exists"
        ),
        (
            #"{"providers":[{"name":"a","words":{"Sent":[]}}]}"#,
            "providers[0].words.Sent (provider 'a'): it is none of sent, delivered, opened, "
                + "soft_failure, hard_failure, note, unknown"
        ),
        (
            #"{"providers":[{"name":"a","words":{"sent":[1]}}]}"#,
            "providers[0].words.sent[0] (provider 'a'): it is a JSON number and should be a string"
        ),
        (
            #"{"providers":[{"name":"a","words":{"sent":["x"],"note":["y","X"]}}]}"#,
            "providers[0].words.note[1] (provider 'a', word 'X'): the word was listed before; "
                + "upper and lower case are one"
        ),
        (
            #"{"providers":[{"name":"a","words":{}},{"name":"b","aliases":["c","A"],"words":{}}]}"#,
            "providers[1].aliases[1] (provider 'b'): the provider was named before; "
                + "upper and lower case are one"
        ),
        (
            #"{"providers":[{"name":"a","words":{}},{"name":"A","words":{}}]}"#,
            "providers[1].name (provider 'A'): the provider was named before; "
                + "upper and lower case are one"
        ),
        (
            #"{"providers":[{"name":"a","aliases":["A"],"words":{}}]}"#,
            "providers[0].aliases[0] (provider 'a'): the provider was named before; "
                + "upper and lower case are one"
        ),
    ])
    func `an error names the place, the provider and the word`(text: String, message: String) {
        let whole =
            message.hasPrefix("the provider")
            ? message
            : "the provider vocabulary is wrong at "
                + message
        do throws(ProviderVocabularyError) {
            _ = try ProviderVocabulary(json: Array(text.utf8))
            Issue.record("it was read")
        } catch {
            #expect("\(error)" == whole)
        }
    }
}
