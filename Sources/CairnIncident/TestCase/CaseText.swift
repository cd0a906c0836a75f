/// Parts of a test's source that all tests have.
enum CaseText {
    /// Digits that other sources do not have.
    static func digits(of lines: [String]) -> String {
        var hash: UInt32 = 0x811C_9DC5
        for byte in lines.joined(separator: "\n").utf8 {
            hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        let digits = String(hash, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    static func comment(_ text: String) -> [String] { wrapped(text, behind: "/// ") }

    static func wrapped(_ text: String, behind mark: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.utf8.count + 1 + word.utf8.count > 84 {
                lines.append(mark + line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [mark + line]
    }

    /// What is expected, within a test's body.
    static func expectation(_ fact: String) -> [String] {
        fits("        #expect(\(fact))")
            ? ["    #expect(\(fact))"]
            : ["    #expect(", "        \(fact)", "    )"]
    }

    static func fits(_ line: String) -> Bool { line.utf8.count <= SwiftText.widthMax }
}
