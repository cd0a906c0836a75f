public import CairnCore

/// The places of seed 003 that record system events, each with the level and the members that it
/// has there.
///
/// Error texts are cut to ``SystemEventText/errorCharacterCountMax`` whole characters and other
/// texts to ``SystemEventText/fieldCharacterCountMax``, so that every payload keeps its limit.
extension SystemEvent {
    /// Sending a WhatsApp message failed.
    public static func whatsAppSendFailure(
        to phoneNumber: String,
        errorType: String,
        error: String,
        leadID: LeadID? = nil
    ) -> SystemEvent {
        SystemEvent(.error, .whatsAppSendFailure, leadID: leadID) { payload in
            payload.field("to", phoneNumber)
            payload.field("error_type", errorType)
            payload.error("error", error)
        }
    }

    /// A template was sent because the 24-hour window is closed.
    public static func templateFallbackUsed(
        templateName: String,
        windowExpiresAt: Timestamp?,
        leadID: LeadID? = nil
    ) -> SystemEvent {
        SystemEvent(.info, .templateFallbackUsed, leadID: leadID) { payload in
            payload.field("template_name", templateName)
            payload.member("window_expires_at", windowExpiresAt)
        }
    }

    /// The signature of a WhatsApp webhook did not verify.
    public static func whatsAppSignatureVerificationFailure(
        hasSignatureHeader: Bool
    ) -> SystemEvent {
        SystemEvent(.warn, .whatsAppSignatureVerificationFailure) { payload in
            payload.member("has_signature_header", hasSignatureHeader)
        }
    }

    /// The signature of a Stripe webhook did not verify.
    public static func stripeSignatureVerificationFailure(error: String) -> SystemEvent {
        SystemEvent(.warn, .stripeSignatureVerificationFailure) { payload in
            payload.error("error", error)
        }
    }

    /// A Stripe webhook could not be processed; `reason` is a word such as `status_mismatch`.
    public static func stripeWebhookFailure(
        eventType: String,
        checkoutSessionID: String?,
        expectedStatus: String?,
        actualStatus: String?,
        reason: String,
        leadID: LeadID? = nil
    ) -> SystemEvent {
        SystemEvent(.error, .stripeWebhookFailure, leadID: leadID) { payload in
            payload.field("event_type", eventType)
            payload.field("checkout_session_id", checkoutSessionID)
            payload.field("expected_status", expectedStatus)
            payload.field("actual_status", actualStatus)
            payload.field("reason", reason)
        }
    }

    /// The conversation that a WhatsApp webhook belongs to could not be handled.
    public static func whatsAppWebhookFailure(
        messageID: String?,
        from phoneNumber: String?,
        errorType: String,
        error: String,
        leadID: LeadID? = nil
    ) -> SystemEvent {
        SystemEvent(.error, .whatsAppWebhookFailure, leadID: leadID) { payload in
            payload.field("message_id", messageID)
            payload.field("wa_from", phoneNumber)
            payload.field("error_type", errorType)
            payload.error("error", error)
        }
    }

    /// A status was not changed, because it was not what whoever changes it expected.
    public static func atomicUpdateConflict(
        _ conflict: AtomicUpdateConflict,
        leadID: LeadID? = nil
    ) -> SystemEvent {
        SystemEvent(.warn, .atomicUpdateConflict, leadID: leadID) { payload in
            payload.field("operation", conflict.operation)
            payload.field("expected_status", conflict.expectedStatus)
            payload.field("actual_status", conflict.actualStatus)
            payload.field("new_status", conflict.newStatus)
            if let stream = conflict.stream { payload.field("stream", stream.name) }
            if let reason = conflict.reason { payload.field("reason", reason) }
        }
    }

    /// The calendar has no free slot, and preferred times are asked for instead.
    public static func calendarNoSlotsFallback(
        durationMinutes: Int64,
        category: BookingCategory?,
        leadID: LeadID? = nil
    ) -> SystemEvent {
        SystemEvent(.info, .calendarNoSlotsFallback, leadID: leadID) { payload in
            payload.member("duration_minutes", durationMinutes)
            payload.member("category", category?.rawValue)
        }
    }
}

/// How large a booking is estimated to be.
public enum BookingCategory: String, Hashable, Sendable, CaseIterable {
    case small = "SMALL"
    case medium = "MEDIUM"
    case large = "LARGE"
    case extraLarge = "XL"
}

/// The places of this library that record system events of their own.
extension SystemEvent {
    /// A provider's report has a word that nobody listed; it changes nothing.
    package static func providerUnknownStatus(_ callback: InteractionCallback) -> SystemEvent {
        SystemEvent(.warn, .providerUnknownStatus) { payload in
            payload.field("provider", callback.provider)
            payload.field("word", callback.word)
            payload.field("detail", callback.detail)
            payload.field("provider_reference", callback.reference)
            payload.field("event_id", callback.eventID)
        }
    }

    /// An event that was imported into a session after its leave event counts in no total.
    package static func promptEventIgnored(
        _ event: PromptEvent,
        of session: PromptSessionID,
        leftAt: PromptTime
    ) -> SystemEvent {
        SystemEvent(.warn, .promptEventIgnored) { payload in
            payload.field("session", session.name)
            payload.field("uid", event.uid.name)
            payload.field("evtype", event.act.kind.rawValue)
            payload.key("prompt_time")
            payload.number(event.promptTime.seconds)
            payload.key("left_at")
            payload.number(leftAt.seconds)
        }
    }

    /// Log messages were lost: found the queue full, or were refused by the journal.
    package static func logEventsLost(
        droppedCount: UInt64,
        failedCount: UInt64,
        lastError: String?
    ) -> SystemEvent {
        SystemEvent(.warn, .logEventsLost) { payload in
            payload.member("dropped_count", droppedCount)
            payload.member("failed_count", failedCount)
            payload.error("last_error", lastError)
        }
    }

    private init(
        _ level: SystemEventLevel,
        _ type: SystemEventType,
        leadID: LeadID? = nil,
        _ members: (inout JSONWriter) -> Void
    ) {
        self.init(level, type, leadID: leadID, payload: SystemEventPayload(members))
    }
}

extension JSONWriter {
    /// Adds a member with an id, a name or a word.
    fileprivate mutating func field(_ key: String, _ text: String?) {
        member(key, text.map(SystemEventText.field))
    }

    /// Adds a member with the text of an error.
    fileprivate mutating func error(_ key: String, _ text: String?) {
        member(key, text.map(SystemEventText.error))
    }
}
