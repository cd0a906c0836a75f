import CairnCore
import CairnDomains
import Testing

/// The eight places of seed 003: each with its type, its level and its members, to the byte.
struct CallSiteTests {
    struct Site: CustomTestStringConvertible, Sendable {
        let event: SystemEvent
        let level: SystemEventLevel
        let type: String
        let payload: String

        var testDescription: String { type }
    }

    static let sites = [
        Site(
            event: .whatsAppSendFailure(
                to: "1234567890",
                errorType: "HTTPException",
                error: "Failed to send message",
                leadID: 123
            ),
            level: .error,
            type: "whatsapp.send_failure",
            payload: #"{"to":"1234567890","error_type":"HTTPException","#
                + #""error":"Failed to send message"}"#
        ),
        Site(
            event: .templateFallbackUsed(
                templateName: "welcome",
                windowExpiresAt: Timestamp(nanoseconds: 1_768_989_600_000_000_000),
                leadID: 123
            ),
            level: .info,
            type: "template.fallback_used",
            payload: #"{"template_name":"welcome","#
                + #""window_expires_at":"2026-01-21T10:00:00.000000Z"}"#
        ),
        Site(
            event: .whatsAppSignatureVerificationFailure(hasSignatureHeader: false),
            level: .warn,
            type: "whatsapp.signature_verification_failure",
            payload: #"{"has_signature_header":false}"#
        ),
        Site(
            event: .stripeSignatureVerificationFailure(error: "no \"v1\""),
            level: .warn,
            type: "stripe.signature_verification_failure",
            payload: #"{"error":"no \"v1\""}"#
        ),
        Site(
            event: .stripeWebhookFailure(
                eventType: "checkout.session.completed",
                checkoutSessionID: "cs_1",
                expectedStatus: "AWAITING_DEPOSIT",
                actualStatus: nil,
                reason: "status_mismatch",
                leadID: 123
            ),
            level: .error,
            type: "stripe.webhook_failure",
            payload: #"{"event_type":"checkout.session.completed","checkout_session_id":"cs_1","#
                + #""expected_status":"AWAITING_DEPOSIT","actual_status":null,"#
                + #""reason":"status_mismatch"}"#
        ),
        Site(
            event: .whatsAppWebhookFailure(
                messageID: "wamid.1",
                from: "1234567890",
                errorType: "ValueError",
                error: String(repeating: "\u{1F600}", count: 201),
                leadID: 123
            ),
            level: .error,
            type: "whatsapp.webhook_failure",
            payload: #"{"message_id":"wamid.1","wa_from":"1234567890","#
                + #""error_type":"ValueError","error":""#
                + String(repeating: "\u{1F600}", count: 200) + "\"}"
        ),
        Site(
            event: .atomicUpdateConflict(
                AtomicUpdateConflict(
                    operation: "update_lead_status",
                    expectedStatus: "QUALIFYING",
                    actualStatus: "BOOKED",
                    newStatus: "PENDING_APPROVAL"
                ),
                leadID: 123
            ),
            level: .warn,
            type: "atomic_update.conflict",
            payload: #"{"operation":"update_lead_status","expected_status":"QUALIFYING","#
                + #""actual_status":"BOOKED","new_status":"PENDING_APPROVAL"}"#
        ),
        Site(
            event: .calendarNoSlotsFallback(
                durationMinutes: 180,
                category: .extraLarge,
                leadID: 123
            ),
            level: .info,
            type: "calendar.no_slots_fallback",
            payload: #"{"duration_minutes":180,"category":"XL"}"#
        ),
    ]

    @Test(arguments: sites)
    func `a place of the source records what it does there`(site: Site) {
        #expect(site.event.level == site.level)
        #expect(site.event.type.name == site.type)
        #expect(site.event.payload?.description == site.payload)
        let hasLead = !site.type.hasSuffix("verification_failure")
        #expect(site.event.leadID == (hasLead ? 123 : nil))
    }

    @Test(arguments: ["\u{1}", "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", "\\", "\u{1F600}"])
    func `no text makes a payload larger than it may be, or no JSON`(character: String) throws {
        let text = String(repeating: character, count: 100_000)
        let conflict = AtomicUpdateConflict(
            operation: text,
            expectedStatus: text,
            actualStatus: text,
            newStatus: text,
            stream: try StreamID("pipeline/" + String(repeating: "\u{1}", count: 470)),
            reason: text
        )
        let events: [SystemEvent] = [
            .whatsAppSendFailure(to: text, errorType: text, error: text),
            .templateFallbackUsed(templateName: text, windowExpiresAt: nil),
            .stripeSignatureVerificationFailure(error: text),
            .stripeWebhookFailure(
                eventType: text,
                checkoutSessionID: text,
                expectedStatus: text,
                actualStatus: text,
                reason: text
            ),
            .whatsAppWebhookFailure(messageID: text, from: text, errorType: text, error: text),
            .atomicUpdateConflict(conflict),
        ]
        for event in events {
            let bytes = try #require(event.payload?.bytes)
            #expect(try SystemEventPayload(bytes).bytes == bytes)
        }
    }

    static let refused: [(String, SystemEventError)] = [
        ("", .payload(JSONError(.notAnObject, at: 0))),
        ("[]", .payload(JSONError(.notAnObject, at: 0))),
        ("null", .payload(JSONError(.notAnObject, at: 0))),
        (#"{"a":}"#, .payload(JSONError(.unexpectedByte(UInt8(ascii: "}")), at: 5))),
        ("{} x", .payload(JSONError(.trailingBytes, at: 3))),
        (
            "{\"a\":\"" + String(repeating: "x", count: 1 << 16) + "\"}",
            .payloadTooLarge(byteCount: (1 << 16) + 8, byteCountMax: 1 << 16)
        ),
    ]

    @Test(arguments: refused)
    func `what is not one JSON object of bounded size is refused`(
        text: String,
        error: SystemEventError
    ) {
        #expect(throws: error) { try SystemEventPayload(text) }
    }

    @Test func `the largest payload is taken`() throws {
        let text = "{\"a\":\"" + String(repeating: "x", count: (1 << 16) - 8) + "\"}"
        #expect(try SystemEventPayload(text).bytes.count == SystemEventPayload.byteCountMax)
    }
}
