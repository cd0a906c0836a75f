import Testing

@testable import CairnTesting

/// What is found in sources about the functions in them.
struct SourceScanTests {
    private func function(_ source: String, _ name: String = "f()") -> SourceScan.Function? {
        SourceScan(Array(source.utf8)).function(named: name, line: 0)
    }

    @Test func `braces in comments and texts are no braces`() {
        let source = ##"""
            // struct A {
            /* enum B { /* { */ */
            let a = "} \(g("{", #"\"#)) {", b = #"" { \#(h { "}" }) "#, c = """
                func { " }
                """
            struct C { struct D { func f() { check("x") } } }
            """##
        #expect(function(source)?.types == ["C", "D"])
    }

    @Test func `how a function is called is read from its declaration`() {
        let plain = function("@MainActor private func f() async throws(E) { try await check() }")
        #expect(plain?.isAsync == true && plain?.isPrivate == true && plain?.isOnMainActor == true)
        #expect(plain?.obstacle == nil)
        let member = function("fileprivate struct S { @Test mutating func f() { check() } }")
        #expect(member?.isMutating == true && member?.isPrivate == true && member?.obstacle == nil)
        let shared = function("extension A.B { static func f(a: Int = g { 1 }) { check() } }")
        #expect(shared?.types == ["A.B"] && shared?.isStatic == true && shared?.obstacle == nil)
        #expect(plain?.isThrowing == true && shared?.isThrowing == false)
        let expecting = function("func f() async { await expectHolds() }")
        #expect(expecting?.isAsync == true && expecting?.isThrowing == false)
        let raw = function("func `a b`() { check() }", "a b()")
        #expect(raw?.name == "`a b`")
    }

    @Test(arguments: [
        "func f(a: Int) { check() }", "func f(a: Int = 1, b: Int) { check() }",
        "func f<T>() where T: A { check() }", "struct S<T> { @Test func f() { check() } }",
        "struct S { func f() { check() } }", "func g() { func f() { check() } }",
        "func g() { struct S { @Test func f() { check() } } }",
    ])
    func `a function that needs more than its name is not called`(source: String) {
        #expect(function(source)?.obstacle != nil)
    }

    @Test func `what asks a law checks something`() {
        let asking = function("func f() { try Laws.replayEqualsLive(Door()) }")
        #expect(asking?.name == "f" && asking?.obstacle == nil)
        #expect(function("func f() { let all: Laws = laws }") == nil)
    }

    @Test func `a test case of XCTest is known by its class`() {
        let method = function("final class A: Base, XCTestCase { func f() { check() } }")
        #expect(method?.isInTestCase == true && method?.obstacle == nil)
        let nested = function("enum B { class A: XCTest.XCTestCase { func f() { check() } } }")
        #expect(nested?.isInTestCase == true && nested?.types == ["B", "A"])
        let other = function("class A { class B: XCTestCase {}; func f() { check() } }")
        #expect(other?.isInTestCase == false && other?.obstacle != nil)
    }

    @Test func `one of two functions is told by its line`() {
        let source = """
            struct A { @Test func f() { check() } }
            struct B { @Test func f() { check() } }
            """
        let scan = SourceScan(Array(source.utf8))
        #expect(scan.function(named: "f()", line: 2)?.types == ["B"])
        #expect(scan.function(named: "f()", line: 7) == nil)
        #expect(scan.function(named: "g()", line: 1) == nil)
    }

    @Test func `imports are those of the file`() {
        let source = "@testable public import A\nimport struct B.C\nfunc f() { import D }"
        let scan = SourceScan(Array(source.utf8))
        #expect(scan.imports == ["@testable import A", "import B"])
        #expect(scan.openModules == ["A"])
    }

    @Test(arguments: ["\"", "#\"", "/*", "\"\\(", "`", "func", "struct {", "}}}", "@", "func f("])
    func `a source that ends anywhere is read to its end`(source: String) {
        #expect(SourceScan(Array(source.utf8)).checks.isEmpty)
    }
}
