import CairnTesting
import Testing

/// Failures as diagrams.
struct MermaidTests {
    private func error(_ function: () throws -> Void) -> PropertyError? {
        do {
            try function()
            return nil
        } catch {
            return error as? PropertyError
        }
    }

    @Test func `a machine's failure is a diagram of its states`() throws {
        let expected = """
            stateDiagram-v2
                state "State(isOpen#58; false, coinCount#58; 0)" as s0
                state "State(isOpen#58; true, coinCount#58; 0)" as s1
                [*] --> s0
                s0 --> s1 : #8203;1. command(kick(times#58; 3, reason#58; #34;#8727;#47;#34;))
                s1 --> [*] : BrokenInvariant#58; not true#58; an open one was paid for

            """
        #expect(error(galleryMachine)?.mermaid == expected)
    }

    @Test func `steps are a flow from one to the next`() throws {
        let expected = """
            flowchart TD
                n0(["start"])
                n0 --> n1["#8203;1. put #34;it#34;(key#58; #34;#34; #47;#8727; or any other #8727;#47;, value#58; 0)"]
                n1 --> n2["#8203;2. put #34;it#34;(key#58; #34;#34;, value#58; 1)"]
                n2 --> n3["#8203;3. get(key#58; #34;#34; #47;#8727; or any other #8727;#47;)"]
            """
        let found = error(FailingSuite().`a store, beside a "model"`)?.mermaid
        #expect(found?.hasPrefix(expected) == true, "\(found ?? "")")
    }

    @Test func `what is drawn without steps is a flow of values`() throws {
        let expected = """
            flowchart TD
                n0(["start"])
                n0 --> n1["number  = #45;1000"]
                n1 --> n2["nothing = 0  #47;#47; or any other value"]
                n2 --> failure{{"Unwanted#58; Unwanted()"}}

            """
        #expect(error(galleryNumbers)?.mermaid == expected)
    }

    @Test func `nothing in a value means anything in a diagram`() throws {
        let hostile = "end\"]; --> %% {{x}} ```\n#quot;<b>&\\ style | [*]\u{2028}\u{7F}"
        let found = error {
            try check(hostile) { draw in
                let text = try draw(.constant(hostile), hostile)
                throw BadText(text: text)
            }
        }
        let diagram = try #require(found?.mermaid)
        let lines = diagram.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5)
        // Between the quotes of a label only these stand.
        for line in lines.dropFirst(2).dropLast() {
            let label = try #require(line.split(separator: "\"").dropFirst().first)
            #expect(
                label.unicodeScalars.allSatisfy {
                    $0 == "#" || $0 == ";" || " .,()=_".unicodeScalars.contains($0)
                        || $0.properties.isAlphabetic || $0.properties.numericType != nil
                }
            )
            #expect(line.count { $0 == "\"" } == 2)
        }
    }

    @Test func `a text is no Markdown, and turns no diagram`() throws {
        let text = "_a_ **b** direction LR [c](d) https://e `f` 1.5 g.h"
        let found = error { try check("it holds") { _ in throw BadText(text: text) } }
        let label =
            "#95;#8203;a#95;#8203; #8727;#8727;b#8727;#8727; direction#8203; LR #91;c#93;#8203;(d) "
            + "https#58;#8203;#47;#47;e #715;f#715; 1.5 g#46;#8203;h"
        #expect(try #require(found?.mermaid).contains("BadText#58; \(label)\""))
    }

    private struct BadText: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }

    @Test func `long texts are cut`() throws {
        let found = error {
            try check("it holds") { draw in
                _ = try draw(.constant(String(repeating: "ab", count: 5_000)), "text")
                throw Broken()
            }
        }
        #expect(try #require(found?.mermaid).count < 500)
    }
}
