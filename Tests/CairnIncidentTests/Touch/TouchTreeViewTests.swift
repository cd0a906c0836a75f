import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import CairnTesting
import Testing

/// The tree of one attempt, gathered from a journal.
struct TouchTreeViewTests {
    private static let root = TouchStory.uid(1)

    @Test(arguments: [false, true])
    func `a tree is found by the uid of any of its rows`(onDisk: Bool) async throws {
        let story = try TouchStory(onDisk: onDisk)
        let attempt = try await story.log(1, TouchStory.attempt, at: 1)
        try await story.log(9, TouchStory.attempt, at: 1)
        let listing = try await story.log(2, TouchStory.reachable(Self.root, ["a"]), at: 2)
        let success = try await story.log(3, TouchStory.success(Self.root, "a"), at: 3)
        for uid in [attempt, listing, success].map(\.touch.uid.name) {
            for search in [TouchSearch.journal, .users] {
                let sight = try #require(try await story.view.tree(of: uid, searching: search))
                #expect(sight.rows == [attempt, listing, success])
                #expect(sight.tree.root == Self.root.name)
                #expect(sight.tree.destinations.map(\.status) == [.delivered])
                #expect(sight.tree.anomalies == [] && sight.removedCount == 0)
            }
        }
        let earlier = TouchView(story.journal, asOf: listing.position)
        #expect(try await earlier.tree(of: Self.root.name)?.rows == [attempt, listing])
        #expect(try await earlier.tree(of: success.touch.uid.name) == nil)
    }

    @Test func `what nobody knows has no tree`() async throws {
        let story = try TouchStory(onDisk: false)
        try await story.log(1, TouchStory.attempt, at: 1)
        for uid in ["utbl_none", "", "no uid", String(repeating: "x", count: 600)] {
            #expect(try await story.view.tree(of: uid) == nil)
        }
        // An event of another kind may have such an id.
        try await story.journal.append(
            try NewEvent(
                type: "other",
                id: try EventID("utbl_other"),
                occurredAt: .unixEpoch,
                payload: []
            ),
            to: try StreamID("other/1")
        )
        #expect(try await story.view.tree(of: "utbl_other") == nil)
    }

    @Test(arguments: [false, true])
    func `rows that came before those they hang on are found`(onDisk: Bool) async throws {
        let story = try TouchStory(onDisk: onDisk)
        let listing = TouchStory.uid(2)
        try await story.log(3, TouchStory.success(listing, "a"), at: 3)
        for number in UInt64(10)..<100 {
            try await story.log(number, TouchStory.attempt, of: "v", at: 0)
        }
        try await story.log(2, TouchStory.reachable(Self.root, ["a"]), at: 2)
        let dangling = try #require(try await story.view.tree(of: Self.root.name))
        #expect(dangling.tree.attempt == nil)
        #expect(dangling.tree.anomalies.map(\.kind) == [.danglingParent])
        #expect(dangling.rows.count == 2)
        try await story.log(1, TouchStory.attempt, at: 1)
        for search in [TouchSearch.journal, .users] {
            let sight = try await story.view.tree(of: Self.root.name, searching: search)
            #expect(sight?.tree.rows.map(\.createdAt) == [1, 2, 3])
            #expect(sight?.tree.anomalies == [])
        }
    }

    @Test func `rows of another user are found in the whole journal only`() async throws {
        let story = try TouchStory(onDisk: true)
        try await story.log(1, TouchStory.attempt, at: 1)
        let other = try await story.log(2, TouchStory.success(Self.root, "a"), of: "v", at: 2)
        let far = try #require(try await story.view.tree(of: Self.root.name))
        #expect(far.rows.count == 2)
        #expect(far.tree.anomalies.map(\.kind) == [.otherUser, .unlistedDestination])
        let near = try await story.view.tree(of: Self.root.name, searching: .users)
        #expect(near?.rows.count == 1)
        // Asked for by its own uid, both users are known.
        let both = try await story.view.tree(of: other.touch.uid.name, searching: .users)
        #expect(both?.rows.count == 2)
    }

    @Test(arguments: [false, true])
    func `what was removed is left out of a tree and counted`(onDisk: Bool) async throws {
        let story = try TouchStory(onDisk: onDisk)
        try await story.log(1, TouchStory.attempt, at: 1)
        try await story.log(2, TouchStory.reachable(Self.root, ["a"]), at: 2)
        try await story.log(3, TouchStory.success(Self.root, "a"), of: "v", at: 3)
        try await story.remover.truncate(before: Timestamp(nanoseconds: 1_500_000_000))
        for search in [TouchSearch.journal, .users] {
            let sight = try #require(
                try await story.view.tree(of: TouchStory.uid(3).name, searching: search)
            )
            #expect(sight.removedCount == 1)
            #expect(sight.tree.attempt == nil)
            #expect(sight.rows.count == 2)
        }
        try await story.remover.forget(user: "v")
        #expect(try await story.view.tree(of: Self.root.name)?.removedCount == 2)
        try await story.remover.forget(user: "u")
        let nothing = try #require(try await story.view.tree(of: Self.root.name))
        #expect(nothing.removedCount == 3)
        #expect(nothing.rows == [] && nothing.tree.rows == [])
        let back = try await story.log(4, TouchStory.success(Self.root, "a"), at: 4)
        #expect(try await story.view.tree(of: Self.root.name)?.rows == [back])
    }

    @Test func `parents in a circle end`() async throws {
        let story = try TouchStory(onDisk: false)
        try await story.log(1, .sendStale(parent: TouchStory.uid(2).name), at: 1)
        try await story.log(2, .sendStale(parent: TouchStory.uid(1).name), at: 2)
        try await story.log(3, .sendStale(parent: TouchStory.uid(3).name), at: 3)
        for number in UInt64(1)...2 {
            let sight = try await story.view.tree(of: TouchStory.uid(number).name)
            #expect(sight?.rows.count == 2)
        }
        #expect(try await story.view.tree(of: TouchStory.uid(3).name)?.rows.count == 1)
    }

    @Test func `drawn journals give the trees that a naive search finds`() async throws {
        var generator = SeededGenerator(seed: 81)
        for round in 0..<60 {
            let story = try TouchStory(onDisk: round % 4 == 0)
            var touches: [Touch] = []
            for number in UInt64(0)..<24 {
                let parent = TouchStory.uid(UInt64(generator.below(26)))
                let fact = generator.pick([
                    TouchStory.attempt, TouchStory.reachable(parent, ["a"]),
                    TouchStory.success(parent, "a"), .sendStale(parent: parent.name),
                ])
                let row = try await story.log(
                    number,
                    fact,
                    of: generator.pick(["u", "v"]),
                    at: Double(generator.below(9))
                )
                touches.append(row.touch)
            }
            for number in UInt64(0)..<26 {
                let uid = TouchStory.uid(number).name
                let naive = Self.tree(of: uid, touches)
                #expect(try await story.view.tree(of: uid)?.tree == naive)
            }
        }
    }

    /// Climbs to the root and lets the tree find the rest.
    private static func tree(of uid: String, _ touches: [Touch]) -> TouchTree? {
        var root = uid
        var seen: Set<String> = []
        while seen.insert(root).inserted,
            let parent = touches.first(where: { $0.uid.name == root })?.fact.parent
        {
            root = parent
        }
        let tree = TouchTree(root: root, touches: touches)
        return tree.rows.isEmpty ? nil : tree
    }
}
