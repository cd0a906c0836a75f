internal import CairnCore

extension ProviderVocabulary {
    /// The words of the providers that Cairn knows: the same as `Specs/Providers/words.json`, which
    /// a test compares, and which says of each provider where its word and detail stand.
    ///
    /// A deferral is a note, because the provider goes on trying: sending again could reach the
    /// customer twice. Where libraries disagree it is said beside the word.
    public static let builtIn = ProviderVocabulary(email + textMessages)

    private init(_ listed: [Provider]) {
        self.init()
        for provider in listed { _ = add(provider) }
    }

    private static let email = [
        Provider(
            "sendgrid",
            // Symfony takes "processed" for delivered, anymail for queued.
            sent: ["processed"],
            delivered: ["delivered"],
            opened: ["open", "click"],
            soft: ["bounce/blocked"],
            hard: ["bounce/bounce", "dropped"],
            note: [
                "deferred", "spamreport", "unsubscribe", "group_unsubscribe", "group_resubscribe",
            ]
        ),
        Provider(
            "amazon-ses",
            aliases: ["ses"],
            sent: ["Send"],
            delivered: ["Delivery"],
            opened: ["Open", "Click"],
            soft: ["Bounce/Transient", "Bounce/Undetermined"],
            hard: [
                "Bounce/Permanent", "Reject", "Rendering Failure",
                "Complaint/OnAccountSuppressionList",
            ],
            note: ["DeliveryDelay", "Complaint", "Subscription"]
        ),
        Provider(
            "mailgun",
            sent: ["accepted"],
            delivered: ["delivered"],
            opened: ["opened", "clicked"],
            hard: ["failed/permanent", "rejected", "blocked"],
            note: ["failed/temporary", "complained", "unsubscribed"]
        ),
        // Has no word for sent, which comes from the answer of its API alone.
        Provider(
            "postmark",
            delivered: ["Delivery"],
            opened: ["Open", "Click"],
            soft: ["Bounce/SoftBounce"],
            hard: [
                "Bounce/HardBounce", "Bounce/BadEmailAddress", "Bounce/Blocked",
                "Bounce/ManuallyDeactivated", "Bounce/SMTPApiError", "Bounce/DMARCPolicy",
                "Bounce/TemplateRenderingFailed",
            ],
            note: [
                "Bounce/Transient", "Bounce/DnsError", "Bounce/AutoResponder",
                "Bounce/AddressChange", "Bounce/ChallengeVerification", "Bounce/Subscribe",
                "Bounce/Unsubscribe", "Bounce/SpamComplaint", "SpamComplaint",
                "SubscriptionChange",
            ],
            unknown: [
                "Bounce/SpamNotification", "Bounce/OpenRelayTest", "Bounce/Unknown",
                "Bounce/VirusNotification", "Bounce/Unconfirmed", "Bounce/InboundError",
            ]
        ),
        Provider(
            "mailjet",
            // Means that the receiving server took it, which is what others call delivered.
            delivered: ["sent"],
            opened: ["open", "click"],
            soft: ["bounce"],
            hard: ["bounce/true", "blocked"],
            note: ["spam", "unsub"]
        ),
        // Libraries list 2 to 4 different words for this provider and for SendGrid.
        Provider(
            "brevo",
            sent: ["request"],
            delivered: ["delivered"],
            opened: ["opened", "unique_opened", "proxy_open", "unique_proxy_open", "click"],
            soft: ["soft_bounce"],
            hard: ["hard_bounce", "invalid_email", "blocked", "error"],
            note: ["deferred", "complaint", "spam", "unsubscribed", "unsubscribe"]
        ),
        Provider(
            "mailchimp",
            aliases: ["mandrill"],
            sent: ["send"],
            delivered: ["delivered"],
            opened: ["open", "click"],
            soft: ["soft_bounce"],
            hard: ["hard_bounce", "reject"],
            note: ["deferral", "spam", "unsub", "blacklist", "whitelist"]
        ),
        Provider(
            "mailersend",
            sent: ["activity.sent"],
            delivered: ["activity.delivered"],
            opened: [
                "activity.opened", "activity.opened_unique", "activity.clicked",
                "activity.clicked_unique",
            ],
            soft: ["activity.soft_bounced"],
            hard: ["activity.hard_bounced"],
            note: ["activity.spam_complaint", "activity.unsubscribed"]
        ),
        Provider(
            "resend",
            sent: ["email.sent"],
            delivered: ["email.delivered"],
            opened: ["email.opened", "email.clicked"],
            hard: ["email.bounced"],
            note: ["email.delivery_delayed", "email.complained"]
        ),
        Provider(
            "mailtrap",
            delivered: ["delivery"],
            opened: ["open", "click"],
            hard: ["bounce", "reject"],
            // Symfony takes "soft bounce" for a bounce and "suspension" for dropped; anymail
            // takes "soft bounce" for deferred.
            note: ["soft bounce", "suspension", "spam", "unsubscribe"]
        ),
        Provider(
            "mailomat",
            sent: ["accepted"],
            delivered: ["delivered"],
            opened: ["opened", "clicked"],
            hard: ["failure_perm", "not_accepted"],
            note: ["failure_tmp"]
        ),
        Provider("sweego", sent: ["email_sent"], delivered: ["delivered"]),
    ]

    private static let textMessages = [
        // Failed in any case: whether for good is in the error code, and without a code that is
        // listed nobody knows.
        Provider(
            "twilio",
            sent: ["sent"],
            delivered: ["delivered"],
            opened: ["read"],
            soft: ["undelivered", "failed"],
            hard: ["canceled"]
                + ["21610", "30004", "30005", "30006", "30007"].flatMap { code in
                    ["undelivered/\(code)", "failed/\(code)"]
                },
            note: ["accepted", "scheduled", "queued", "sending", "receiving", "received"],
            unknown: ["partially_delivered"]
        ),
        Provider(
            "whatsapp",
            sent: ["sent"],
            delivered: ["delivered"],
            opened: ["read", "played"],
            hard: ["failed"]
        ),
        Provider(
            "gcnotify",
            aliases: ["govuk-notify"],
            sent: ["sent"],
            delivered: ["delivered"],
            soft: ["temporary-failure"],
            hard: [
                "permanent-failure", "technical-failure", "provider-failure", "validation-failed",
                "virus-scan-failed", "pii-check-failed", "cancelled", "returned-letter", "failed",
            ],
            note: ["created", "sending", "pending", "pending-virus-check"]
        ),
        Provider(
            "amazon-sns",
            aliases: ["sns"],
            delivered: ["SUCCESS"],
            soft: passingTexts.map { "FAILURE/\($0)" },
            hard: ["FAILURE"] + lastingTexts.map { "FAILURE/\($0)" }
        ),
        Provider(
            "amazon-pinpoint",
            aliases: ["pinpoint"],
            sent: ["SUCCESSFUL/false"],
            delivered: ["DELIVERED", "SUCCESSFUL/true"],
            soft: passingTexts,
            hard: lastingTexts,
            note: ["QUEUED", "PENDING"]
        ),
        Provider(
            "vonage",
            sent: ["submitted"],
            delivered: ["delivered"],
            hard: ["rejected", "undeliverable"]
        ),
    ]

    /// Why a text message failed that may arrive later, as Amazon words it.
    private static let passingTexts = [
        "Phone carrier has blocked this message", "Phone has blocked SMS",
        "Phone carrier is currently unreachable/unavailable", "Phone is on a blocked list",
        "This delivery would exceed max price",
    ]
    /// Why a text message failed for good, as Amazon words it.
    private static let lastingTexts = [
        "Blocked as spam by phone carrier", "Destination is on a blocked list",
        "Invalid phone number", "Message body is invalid", "Phone number is opted out",
        "Phone is currently unreachable/unavailable", "Unknown error attempting to reach phone",
    ]
}

extension ProviderVocabulary.Provider {
    fileprivate init(
        _ name: String,
        aliases: [String] = [],
        sent: [String] = [],
        delivered: [String] = [],
        opened: [String] = [],
        soft: [String] = [],
        hard: [String] = [],
        note: [String] = [],
        unknown: [String] = []
    ) {
        self.init(name: ExactText(name), aliases: Set(aliases.map { ExactText($0) }))
        for word in sent { add(word, .sent) }
        for word in delivered { add(word, .delivered) }
        for word in opened { add(word, .opened) }
        for word in soft { add(word, .softFailure) }
        for word in hard { add(word, .hardFailure) }
        for word in note { add(word, .note) }
        for word in unknown { add(word, .unknown) }
    }
}
