/// The names that this library records under: the eight of seed 003, and its own.
extension SystemEventType {
    public static let whatsAppSendFailure = SystemEventType(stored: "whatsapp.send_failure")
    public static let templateFallbackUsed = SystemEventType(stored: "template.fallback_used")
    public static let whatsAppSignatureVerificationFailure = SystemEventType(
        stored: "whatsapp.signature_verification_failure"
    )
    public static let stripeSignatureVerificationFailure = SystemEventType(
        stored: "stripe.signature_verification_failure"
    )
    public static let stripeWebhookFailure = SystemEventType(stored: "stripe.webhook_failure")
    public static let whatsAppWebhookFailure = SystemEventType(stored: "whatsapp.webhook_failure")
    public static let atomicUpdateConflict = SystemEventType(stored: "atomic_update.conflict")
    public static let calendarNoSlotsFallback = SystemEventType(
        stored: "calendar.no_slots_fallback"
    )

    /// A provider reported a word that no vocabulary lists.
    public static let providerUnknownStatus = SystemEventType(stored: "provider.unknown_status")
    /// An imported event of a prompt session that had been left, and that counts in no total.
    public static let promptEventIgnored = SystemEventType(stored: "prompt_session.event_ignored")
    /// A warning of a program's log that has no name of its own.
    public static let logWarning = SystemEventType(stored: "log.warning")
    /// An error of a program's log that has no name of its own.
    public static let logError = SystemEventType(stored: "log.error")
    /// A critical error of a program's log that has no name of its own.
    public static let logCritical = SystemEventType(stored: "log.critical")
    /// Log messages that did not become system events.
    public static let logEventsLost = SystemEventType(stored: "log.events_lost")

    /// All of them.
    public static let known: [SystemEventType] = [
        whatsAppSendFailure, templateFallbackUsed, whatsAppSignatureVerificationFailure,
        stripeSignatureVerificationFailure, stripeWebhookFailure, whatsAppWebhookFailure,
        atomicUpdateConflict, calendarNoSlotsFallback, providerUnknownStatus, promptEventIgnored,
        logWarning, logError, logCritical, logEventsLost,
    ]
}
