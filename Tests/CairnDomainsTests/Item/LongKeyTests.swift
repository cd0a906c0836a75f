import CairnCore
@testable import CairnDomains
import Testing

/// Keys of every length that seed 001 allows, as names of streams.
struct LongKeyTests {
    @Test func `a key of 255 characters of four bytes is a key, and one of 256 is none`() throws {
        let key = try ItemKey(String(repeating: "\u{1F600}", count: 255))
        #expect(key.name.utf8.count == 1_020)
        let name = try key.stream.name
        #expect(name.utf8.count <= Limits.streamIDByteCountMax)
        #expect(name.unicodeScalars.allSatisfy { $0 != "\u{FFFD}" })
        #expect(throws: ItemKeyError.tooLong(characterCount: 256)) {
            try ItemKey(String(repeating: "\u{1F600}", count: 256))
        }
        #expect(throws: ItemKeyError.empty) { try ItemKey("") }
        // Characters are counted as SQL does, and not as they look.
        #expect(throws: ItemKeyError.tooLong(characterCount: 256)) {
            try ItemKey(String(repeating: "e\u{301}", count: 128))
        }
        let event = ItemEvent(
            .began(
                ItemBeginning(
                    attempt: 1,
                    cause: .attempt,
                    worker: WorkerNumber(rawValue: 1),
                    leaseEnd: ItemSamples.lease,
                    followsLoss: false,
                    request: ItemRequest(key: key, content: ItemSamples.digest("one"))
                )
            ),
            at: .unixEpoch
        )
        #expect(try StoredFrame(ItemMachine().newEvent(event)).read(ItemMachine()) == event)
    }

    @Test(arguments: ["a", "\u{E9}", "\u{20AC}", "\u{1F600}"])
    func `keys of every length have names of their own, cut between characters`(
        character: String
    ) throws {
        var names: Set<StreamID> = []
        for count in 1...255 {
            for prefix in ["", "x", "xy", "xyz"] where prefix.count + count <= 255 {
                let key = prefix + String(repeating: character, count: count)
                let stream = try ItemKey(key).stream
                #expect(stream.name.utf8.count <= Limits.streamIDByteCountMax)
                #expect(names.insert(stream).inserted, "\(key)")
                guard key.utf8.count > 400 else {
                    #expect(stream.key.hasSameBytes(key))
                    continue
                }
                let parts = stream.key.split(separator: "~")
                #expect(parts.count == 2)
                #expect(key.utf8.starts(with: parts[0].utf8))
                #expect(parts[0].utf8.count > 396)
                #expect(parts[1].utf8.count == 64)
            }
        }
    }

    @Test func `two keys that share their first 400 bytes are two streams`() throws {
        let shared = String(repeating: "\u{1F600}", count: 100)
        let (left, right) = (try ItemKey(shared + "a").stream, try ItemKey(shared + "b").stream)
        #expect(left != right)
        #expect(left.name.utf8.prefix(404).elementsEqual(right.name.utf8.prefix(404)))
        // Nor is either the stream of the key that looks like a shortened one.
        let fake = try StreamID(kind: ItemKey.streamKind, key: left.key)
        #expect(fake == left)
        #expect(try ItemKey(left.key).stream != left)
    }

    @Test func `another key under the same name is a collision and no second send`() throws {
        let state = ItemSamples.state([ItemSamples.began(), ItemSamples.rejected(isFinal: true)])
        let begin = ItemCommand.begin(
            ItemSamples.request("k\u{0}"),
            ItemSamples.hold(2),
            .unlessFailed
        )
        #expect(throws: ItemRefusal.keyCollision) {
            try ItemMachine().decide(begin, in: state, context: TurnContext(now: .unixEpoch))
        }
    }

    @Test func `providers and references that run together are told apart`() throws {
        let pairs = [
            ("a", "b/c"), ("a/b", "c"), ("a%2Fb", "c"), ("a%252Fb", "c"), ("", "a/b/c"), ("a", "b"),
        ]
        let names = try pairs.map { try ReferenceMachine.stream(provider: $0.0, reference: $0.1) }
        #expect(Set(names).count == pairs.count)
        #expect(names[5].name == "reference/a/b")
        let long = String(repeating: "r", count: 500)
        let stream = try ReferenceMachine.stream(provider: long, reference: long)
        #expect(stream.name.utf8.count <= Limits.streamIDByteCountMax)
    }
}

extension String {
    fileprivate func hasSameBytes(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
