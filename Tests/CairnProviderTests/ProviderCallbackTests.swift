import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// What a provider tells later about its deliveries.
struct ProviderCallbackTests {
    private static let keys = (0..<60).map { "key-\($0)" }

    private static func behaviour(
        _ change: (inout ProviderBehaviour) -> Void = { _ in }
    ) -> ProviderBehaviour {
        var behaviour = ProviderBehaviour()
        behaviour.callbackThousandths = 1000
        change(&behaviour)
        return behaviour
    }

    /// Asks until every one of some keys has been heard of, and then once more.
    private static func allCallbacks(
        _ client: ProviderClient,
        keys: [String] = keys
    ) async throws -> [ProviderCallback] {
        var heard: [ProviderCallback] = []
        while true {
            let next = try await client.callbacks(after: heard.last?.number ?? 0)
            heard += next
            if next.isEmpty, Set(heard.map(\.key)).isSuperset(of: keys) { return heard }
            if next.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func `callbacks are numbered, each with an id, and tell of every word`() async throws {
        let provider = try await Provider(Self.behaviour())
        let client = provider.client()
        var references: [String: String] = [:]
        for key in Self.keys { references[key] = try await client.send(key).reference }
        let callbacks = try await Self.allCallbacks(client)
        #expect(callbacks.map(\.number) == Array(1...callbacks.count))
        #expect(Set(callbacks.map(\.eventID)).count == callbacks.count)
        #expect(callbacks.allSatisfy { references[$0.key] == $0.reference })
        #expect(callbacks.allSatisfy { $0.body.contains("\"status\":\"\($0.word)\"") })
        #expect(
            Set(callbacks.map(\.word))
                == ["sent", "delivered", "opened", "bounced", "deferred"]
        )
        #expect(try provider.log().callbackCount == callbacks.count)
        let last = try #require(callbacks.last)
        #expect(try await client.callbacks(after: last.number - 1) == [last])
        #expect(try await client.callbacks(after: last.number) == [])
    }

    @Test func `repeated callbacks have the event id of the first`() async throws {
        let provider = try await Provider(
            Self.behaviour { $0.repeatedCallbackThousandths = 1000 }
        )
        let client = provider.client()
        for key in Self.keys { _ = try await client.send(key) }
        let callbacks = try await Self.allCallbacks(client)
        let counts = Dictionary(grouping: callbacks, by: \.eventID).mapValues(\.count)
        #expect(counts.values.allSatisfy { $0 == 2 })
    }

    @Test func `early callbacks are there although the reply is lost`() async throws {
        let provider = try await Provider(
            Self.behaviour {
                $0.earlyCallbackThousandths = 1000
                $0.lostReplyThousandths = 1000
                $0.lateCallbackMilliseconds = 3_600_000
            }
        )
        let client = provider.client()
        await #expect(throws: ProviderClientError.replyLost) { try await client.send("a") }
        #expect(try await client.callbacks(after: 0).isEmpty == false)
        // The log shows the order: callbacks before what became of the reply.
        let words = try provider.scratch.text("log").split(separator: "\n").map { line in
            ["request", "delivery", "callback", "reply_lost"].first { word in
                line.contains("\"event\":\"\(word)\"")
            }
        }
        #expect(words.first == "request")
        #expect(words.dropFirst().first == "delivery")
        #expect(words.dropFirst(2).dropLast().allSatisfy { $0 == "callback" })
        #expect(words.last == "reply_lost")
    }

    @Test func `late callbacks are not there at first and come by themselves`() async throws {
        let late = Self.behaviour { $0.lateCallbackMilliseconds = 3_600_000 }
        let provider = try await Provider(late)
        let client = provider.client()
        _ = try await client.send("a")
        #expect(try await client.callbacks(after: 0) == [])
        let soon = try await Provider(Self.behaviour { $0.lateCallbackMilliseconds = 20 })
        _ = try await soon.client().send("a")
        #expect(try await Self.allCallbacks(soon.client(), keys: ["a"]).isEmpty == false)
    }

    @Test func `callbacks outlive the provider, sent ones and coming ones`() async throws {
        let some = Self.behaviour { $0.repeatedCallbackThousandths = 300 }
        let provider = try await Provider(some)
        // One connection, so that the requests are decided one after another.
        let client = provider.client(connectionCount: 1)
        let (first, rest) = (Self.keys.prefix(20), Self.keys.dropFirst(20))
        for key in first { _ = try await client.send(key) }
        let heard = try await Self.allCallbacks(client, keys: Array(first))
        for key in rest { _ = try await client.send(key) }
        try await provider.restart(some)
        let all = try await Self.allCallbacks(provider.client())
        #expect(Array(all.prefix(heard.count)) == heard)
        #expect(all.map(\.number) == Array(1...all.count))

        let other = try await Provider(some)
        let otherClient = other.client(connectionCount: 1)
        for key in Self.keys { _ = try await otherClient.send(key) }
        let straight = try await Self.allCallbacks(otherClient)
        #expect(straight.map(\.eventID) == all.map(\.eventID))
    }

    @Test func `no callbacks unless asked for`() async throws {
        let provider = try await Provider()
        _ = try await provider.client().send("a")
        #expect(try await provider.client().callbacks(after: 0) == [])
    }
}
