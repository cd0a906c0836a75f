import CairnTesting
import Testing

/// `Specs/Laws.md` numbers every law, names tests that are there, and lists every call.
struct LawListTests {
    @Test func `every law names tests that are there, and every call is listed`() throws {
        let (tests, calls) = (LawSources.tests(), LawSources.calls())
        #expect(tests.count > 500 && calls.count > 20, "the sources are where they are looked for")
        let list = try LawSources.list()
        #expect(list.entries.count > 25)
        #expect(list.findings(tests: tests, calls: calls) == [])
    }

    @Test func `numbers, names and statements are those in reports`() throws {
        let entries = try LawSources.list().entries.filter { !$0.calls.isEmpty }
        let listed = entries.map { [$0.number, $0.name, $0.statement] }
        #expect(listed == Laws.all.map { [$0.number, $0.name, $0.statement] })
    }

    private static let sound = """
        # The laws
        ## 1. One
        ### 1.1 first
        It holds.
        - call: `Laws.first(_:)`
        - test: `it holds`
        ### 1.2 second
        It holds as well.
        - test: `it holds`
        ### 3.1 third
        And this.
        - call: none
        - test: `it holds`
        """

    private func findings(_ text: String, calls: Set<String> = ["first"]) -> [String] {
        LawList(text).findings(tests: ["it holds"], calls: calls)
    }

    @Test func `a sound list has no findings`() {
        let list = LawList(Self.sound)
        #expect(list.entries.map(\.number) == ["1.1", "1.2", "3.1"])
        #expect(list.entries.map(\.calls) == [["first"], [], []])
        #expect(findings(Self.sound) == [])
    }

    private static let flawed: [(String, String, String)] = [
        ("It holds.\n", "", "law 1.1 says nothing"),
        ("well.\n- test: `it holds`", "well.", "law 1.2 names no test"),
        (
            "this.\n- call: none\n- test: `it holds`", "this.\n- test: `it held`",
            "law 3.1 names the test 'it held', which is not there"
        ),
        (
            "Laws.first(_:)", "Laws.last(_:)",
            "law 1.1 names the call 'last', which is not there"
        ),
        ("### 1.2 ", "### 1.3 ", "law 1.3 does not follow (chapter: 1, place: 1)"),
        ("### 1.2 ", "### 1.1 ", "law 1.1 does not follow (chapter: 1, place: 1)"),
        ("### 3.1 ", "### 3.2 ", "law 3.2 does not follow (chapter: 1, place: 2)"),
        ("### 1.2 ", "### two ", "'two' is no number of a law"),
    ]

    @Test(arguments: flawed)
    func `each flaw of a list is found`(old: String, new: String, finding: String) {
        #expect(findings(Self.sound.replacing(old, with: new)).contains(finding))
    }

    @Test func `a call that is not listed is found`() {
        #expect(findings(Self.sound, calls: ["first", "new"]) == ["the call 'new' is not listed"])
    }
}
