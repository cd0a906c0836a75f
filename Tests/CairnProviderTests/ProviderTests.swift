import CairnTesting
import Foundation
import Testing

/// Sends to a provider in another process, and what it says and writes down.
struct ProviderTests {
    private func behaviour(
        _ change: (inout ProviderBehaviour) -> Void
    ) -> ProviderBehaviour {
        var behaviour = ProviderBehaviour()
        change(&behaviour)
        return behaviour
    }

    @Test func `a message is accepted, delivered once and found again`() async throws {
        let provider = try await Provider()
        let client = provider.client()
        #expect(try await client.lookUp(key: "a") == .notFound)
        let reference = try #require(try await client.send("a").reference)
        #expect(
            try await client.lookUp(key: "a") == .delivered(reference: reference, count: 1)
        )
        let log = try provider.log()
        #expect(log.deliveries == ["a": 1])
        #expect(log.deliveryCount == 1)
        #expect(log.requestCount == 1)
        #expect(log.lookups.map(\.key) == ["a", "a"])
        #expect(log.lookups.map(\.count) == [0, 1])
    }

    @Test func `a repeated key gets the first answer and delivers nothing new`() async throws {
        let provider = try await Provider()
        let client = provider.client()
        let first = try await client.send("a")
        #expect(try await client.send("a") == first)
        #expect(try provider.log().deliveries == ["a": 1])
        #expect(try provider.log().requestCount == 2)
    }

    @Test func `two spellings of one letter are two keys`() async throws {
        let provider = try await Provider()
        let client = provider.client()
        let first = try await client.send("\u{E9}")
        #expect(try await client.send("e\u{301}") != first)
        #expect(try provider.log().deliveryCount == 2)
    }

    @Test func `without dedupe a repeated key is delivered again`() async throws {
        let provider = try await Provider(behaviour { $0.deduplicatesByKey = false })
        let client = provider.client()
        let first = try #require(try await client.send("a").reference)
        #expect(try await client.send("a").reference != first)
        #expect(try await client.lookUp(key: "a") == .delivered(reference: first, count: 2))
        #expect(try provider.log().deliveries == ["a": 2])
    }

    @Test func `a lost reply leaves a delivery`() async throws {
        let provider = try await Provider(behaviour { $0.lostReplyThousandths = 1000 })
        let client = provider.client(connectionCount: 1)
        await #expect(throws: ProviderClientError.replyLost) { try await client.send("a") }
        guard case .delivered(_, count: 1) = try await client.lookUp(key: "a") else {
            Issue.record("the delivery is not found")
            return
        }
        let log = try provider.log()
        #expect(log.deliveries == ["a": 1])
        #expect(log.lostReplyCount == 1)
    }

    @Test func `a lost request leaves nothing`() async throws {
        let provider = try await Provider(behaviour { $0.lostRequestThousandths = 1000 })
        let client = provider.client(connectionCount: 1)
        await #expect(throws: ProviderClientError.replyLost) { try await client.send("a") }
        #expect(try await client.lookUp(key: "a") == .notFound)
        let log = try provider.log()
        #expect(log.deliveries == [:])
        #expect(log.requestCount == 1)
        #expect(log.lostRequestCount == 1)
    }

    @Test(arguments: [true, false])
    func `a rejection delivers nothing and says whether it is final`(
        isFinal: Bool
    ) async throws {
        let provider = try await Provider(
            behaviour {
                $0.softRejectionThousandths = isFinal ? 0 : 1000
                $0.hardRejectionThousandths = isFinal ? 1000 : 0
            }
        )
        let client = provider.client()
        let reply = try await client.send("a")
        guard case .rejected(isFinal, _) = reply else {
            Issue.record("\(reply) is not the rejection")
            return
        }
        #expect(try await client.send("a") == reply)
        #expect(try await client.lookUp(key: "a") == .notFound)
        #expect(try provider.log().deliveries == [:])
        #expect(try provider.log().rejectionCount == 1)
    }

    @Test func `one seed makes the same decisions whatever the order`() async throws {
        let some = behaviour {
            $0.lostReplyThousandths = 200
            $0.lostRequestThousandths = 200
            $0.softRejectionThousandths = 150
            $0.hardRejectionThousandths = 150
            $0.callbackThousandths = 500
            $0.seed = 7
        }
        let keys = (0..<200).map { "key-\($0)" }
        let first = try await outcomes(of: keys, some)
        #expect(try await outcomes(of: keys.reversed(), some) == first)
        var other = some
        other.seed = 8
        #expect(try await outcomes(of: keys, other) != first)
        #expect(Set(first.values).count > 50, "references differ from key to key")
        for word in ["lost", "final", "soft"] { #expect(first.values.contains(word)) }
    }

    private func outcomes(
        of keys: [String],
        _ behaviour: ProviderBehaviour
    ) async throws -> [String: String] {
        let provider = try await Provider(behaviour)
        let client = provider.client(connectionCount: 1)
        var outcomes: [String: String] = [:]
        for key in keys {
            do throws(ProviderClientError) {
                switch try await client.send(key) {
                case .accepted(let reference): outcomes[key] = reference
                case .rejected(let isFinal, _): outcomes[key] = isFinal ? "final" : "soft"
                }
            } catch {
                #expect(error == .replyLost)
                outcomes[key] = "lost"
            }
        }
        return outcomes
    }

    @Test(arguments: [0, 2_000])
    func `64 tasks at once deliver each key once, with losses and repetitions`(
        latencyMicroseconds: Int
    ) async throws {
        let provider = try await Provider(
            behaviour {
                $0.lostReplyThousandths = 50
                $0.lostRequestThousandths = 50
                $0.latencyMicroseconds = latencyMicroseconds
            }
        )
        let client = provider.client()
        let lost = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var lostCount = 0
                    for number in 0..<50 {
                        while true {
                            do throws(ProviderClientError) {
                                _ = try await client.send("\(task)/\(number)")
                                break
                            } catch .replyLost {
                                lostCount += 1
                            }
                        }
                    }
                    return lostCount
                }
            }
            return try await group.reduce(0, +)
        }
        let log = try provider.log()
        #expect(log.deliveries.count == 64 * 50)
        #expect(log.deliveries.values.allSatisfy { $0 == 1 })
        // What one loss takes with it is sent again unseen: nothing else looks lost to the client.
        #expect(lost == log.lostReplyCount + log.lostRequestCount)
        #expect(lost > 0)
        #expect(log.requestCount == 64 * 50 + lost)
    }
}
