import CairnCore
import CairnDomains
import Testing

@testable import CairnServices

/// What is known of messages on their way stays within its bounds.
struct PostfixBoundsTests {
    private static func mark(_ number: Int, at seconds: Int64) -> PostfixMark {
        PostfixMark(
            source: 0,
            number: number,
            instant: Timestamp.unixEpoch.adding(.seconds(seconds)),
            digest: ContentDigest(type: "line", content: Array("\(number)".utf8).span.bytes)
        )
    }

    private static let delivery = PostfixLine.delivery(
        PostfixDelivery(
            recipient: "r@y",
            originalRecipient: nil,
            relay: "mx.y",
            delay: nil,
            dsn: "2.0.0",
            status: .sent,
            text: "ok",
            queuedAs: nil,
            isRelayLocal: false
        )
    )

    private static let envelope = PostfixLine.active(
        PostfixEnvelope(sender: "s@x", byteCount: 1, recipientCount: 1)
    )

    @Test func `lines that wait are let through when they are too many`() {
        var rows: [Touch] = []
        var messages = PostfixMessages(.init(entryCountMax: 1_000, heldCountMax: 10)) {
            rows.append($0.touch)
        }
        // All in one second, so that nothing is decided by time.
        for number in 0..<100 {
            let mark = Self.mark(number, at: 1)
            messages.take(Self.delivery, host: "h", queueID: "A\(number)", at: mark)
            #expect(2 * (number + 1) - rows.count <= 20)
        }
        messages.finish()
        #expect(rows.count == 200)
        #expect(messages.counts(lines: 0).letGo == 0)
    }

    @Test func `messages that nobody ends are let go of when they are too many`() {
        var rows: [Touch] = []
        var messages = PostfixMessages(.init(entryCountMax: 10, heldCountMax: 1_000)) {
            rows.append($0.touch)
        }
        for number in 0..<100 {
            let mark = Self.mark(number, at: Int64(number))
            messages.take(Self.envelope, host: "h", queueID: "A\(number)", at: mark)
        }
        #expect(messages.counts(lines: 0).letGo == 90)
        #expect(rows.count == 90)
        // What is said of one of them later hangs on nothing.
        let late = Self.mark(100, at: 100)
        messages.take(Self.delivery, host: "h", queueID: "A1", at: late)
        messages.finish()
        // It took the place of one more, and the nine that are left are still on their way.
        #expect(messages.counts(lines: 0).letGo == 91)
        #expect(rows.count { $0.fact.kind == .sendAttempt } == 91)
        let parents = Set(rows.compactMap(\.fact.parent))
        #expect(parents.count == 1)
        #expect(!rows.contains { parents.contains($0.uid.name) })
    }

    @Test func `names that are free again take no room`() {
        var rowCount = 0
        var messages = PostfixMessages(.init(entryCountMax: 50, heldCountMax: 50)) { _ in
            rowCount += 1
        }
        for number in 0..<5_000 {
            let mark = Self.mark(number, at: Int64(number))
            messages.take(Self.envelope, host: "h", queueID: "A\(number)", at: mark)
            messages.take(Self.delivery, host: "h", queueID: "A\(number)", at: mark)
            messages.take(.removed, host: "h", queueID: "A\(number)", at: mark)
        }
        messages.finish()
        #expect(rowCount == 15_000)
        #expect(messages.counts(lines: 0).letGo == 0)
    }
}
