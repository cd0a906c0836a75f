import CairnCore
import CairnIncident
import CairnTesting
import Testing

struct PredicateErrorTests {
    private func failure(of text: String) -> PredicateError? {
        do throws(PredicateError) {
            _ = try Predicate<SampleRecord>(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("", 0, "the predicate is empty"),
            ("  ", 0, "the predicate is empty"),
            ("statsu == A", 0, "no field is called 'statsu'; near it: status"),
            ("open and dur > 1", 9, "no field is called 'dur'; near it: duration_ms"),
            ("zzz == 1", 0, "no field is called 'zzz'"),
            (".attempt > 1", 0, "a name is missing before this point"),
            ("open and . == 1", 9, "a name is missing before this point"),
            ("attempt > abc", 10, "'abc' cannot be compared with attempt: it is not a number"),
            ("attempt in (1, x)", 15, "'x' cannot be compared with attempt: it is not a number"),
            ("attempt in (1 2)", 14, "expected ',' or ')', found '2'"),
            ("attempt in 1", 11, "expected '(' after 'in', found '1'"),
            ("attempt >", 9, "expected a value, found the end"),
            ("attempt", 7, "expected a comparison such as '==' after 'attempt', found the end"),
            ("status == A B", 12, "expected 'and', 'or' or the end, found 'B'"),
            ("(open", 5, "expected ')', found the end"),
            ("open)", 4, "expected 'and', 'or' or the end, found ')'"),
            ("open & open", 5, "write '&&' or 'and'"),
            ("open ? open", 5, "no predicate has this character outside quotes"),
            ("name == 'a", 8, "the string that starts here has no closing quote"),
            (
                #"name == 'a\q'"#, 11,
                "after a backslash only a quote, a backslash, n and t are possible"
            ),
            (
                "open < true", 5,
                "'<' does not work on open: it is true or false, which have no order"
            ),
            ("open == yes", 8, "'yes' cannot be compared with open: write true or false"),
            (
                "attempt contains 1", 8,
                "'contains' does not work on attempt: it is neither a text nor a document"
            ),
            ("status.x == 1", 6, "status has no parts"),
            ("metadata..x == 1", 9, "a name is missing beside this point"),
            ("metadata[x] == 1", 9, "expected an index from 0 on, or a name in quotes, found 'x'"),
            ("metadata[0 == 1", 11, "expected ']', found '=='"),
            (
                "at > 2025-12-25T10:00:00", 5,
                "'2025-12-25T10:00:00' cannot be compared with at: "
                    + "it has no zone; add Z or an offset such as +01:00"
            ),
            (
                "age > 15", 6,
                "'15' cannot be compared with age: it has no unit; write 15m, 24h, 7d, 1h30m or 250ms"
            ),
            (
                "metadata.wait > 15m", 16,
                "'15m' cannot be compared with metadata: a document has no unit of time; give a number"
            ),
            (
                "name == null", 8,
                "expected a value ('exists' and 'not exists' ask whether there is one), found 'null'"
            ),
            ("name == and", 8, "expected a value (a keyword as a value needs quotes), found 'and'"),
            ("== 1", 0, "expected a field, found '=='"),
            ("'name' == 1", 0, "expected a field, found ''name''"),
        ]
    )
    func `an error says what is wrong and at which character`(
        text: String,
        characterOffset: Int,
        message: String
    ) throws {
        let error = try #require(failure(of: text))
        #expect(error.characterOffset == characterOffset)
        #expect(error.reason.description == message)
    }

    @Test(
        arguments: [
            (
                "anomalies.reopend > 0", 10,
                "anomalies has no part 'reopend'; near it: reopened"
            ),
            ("tenant == a and anomalies['x'] > 0", 25, "anomalies has no part 'x'"),
            ("anomalies.reopened.count > 0", 19, "anomalies.reopened has no parts"),
            (
                "stages.PARSING.statuss == FAILED", 15,
                "stages.PARSING has no part 'statuss'; near it: status"
            ),
            (
                "exists stages['A.B'].sttus", 21,
                "stages.A.B has no part 'sttus'; near it: status"
            ),
            ("stages.PARSING.status.word == FAILED", 22, "stages.PARSING.status has no parts"),
        ]
    )
    func `a part of a state that does not exist is pointed at`(
        text: String,
        characterOffset: Int,
        message: String
    ) throws {
        let error = #expect(throws: PredicateError.self) { try Predicate<RequestRow>(text) }
        #expect(error?.characterOffset == characterOffset)
        #expect(error?.reason.description == message)
    }

    @Test(arguments: [
        "anomalies.late_row > 2", "anomalies contains reopened", "stages.ANY.duration_ms > 1",
        "stages['A.B'].status == FAILED", "stages contains PARSING", "exists stages.X",
        "metadata.a.b[0].c == 1",
    ])
    func `parts that may be there are taken`(text: String) throws {
        _ = try Predicate<RequestRow>(text)
    }

    @Test func `a rendering has the caret under the character`() throws {
        #expect(
            try #require(failure(of: "open and attempt > abc")).rendering == """
                open and attempt > abc
                                   ^ 'abc' cannot be compared with attempt: it is not a number
                """
        )
        #expect(try #require(failure(of: "\u{1B}[31m open")).rendering.hasPrefix(" [31m open\n^ "))
    }

    @Test func `a rendering of a long predicate shows the part around the character`() throws {
        let long = Array(repeating: "attempt == 1", count: 30).joined(separator: " or ")
        let rendering = try #require(failure(of: long + " or bad == 1 or " + long)).rendering
        let lines = rendering.split(separator: "\n").map(Array.init)
        #expect(lines.count == 2)
        let caret = try #require(lines[1].firstIndex(of: "^"))
        #expect(String(lines[0][caret...]).hasPrefix("bad == 1"))
        #expect(lines[0].count < 80)
    }

    @Test func `nesting and length are bounded`() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "(", count: count) + "open" + String(repeating: ")", count: count)
        }
        #expect(failure(of: nested(63)) == nil)
        #expect(try #require(failure(of: nested(64))).reason == .tooDeep(depthMax: 64))
        #expect(failure(of: nested(100_000))?.characterOffset == 65_536)
        let negations = String(repeating: "!", count: 60_000) + "open"
        #expect(try #require(failure(of: negations)).reason == .tooDeep(depthMax: 64))
        let wide = Array(repeating: "open", count: 5_000).joined(separator: " or ")
        #expect(failure(of: wide) == nil)
    }

    @Test func `junk never stops the program`() {
        let pieces = [
            "open", "name", "metadata", ".", "[", "]", "(", ")", "'", "\"", "==", "<", "in", "not",
            "exists", "contains", "and", "||", "!", ",", "0", "1e9999999999999", "\\", " ",
            "\u{301}",
        ]
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0...12, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }
                .joined(separator: Bool.random(using: &generator) ? " " : "")
            if let error = failure(of: text) {
                #expect((0...text.count).contains(error.characterOffset), "\(text)")
                _ = error.rendering
            }
        }
    }
}
