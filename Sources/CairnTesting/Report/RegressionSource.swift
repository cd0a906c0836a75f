/// A failure as the source of a test that fails as long as the failure is there.
struct RegressionSource {
    let property: String
    let failure: MinimalFailure
    let caller: PropertyCaller
    let style: RegressionStyle

    /// The file; nil where nothing is known that a test could call.
    var text: String? {
        guard caller.obstacle == nil, isCallable else { return nil }
        var lines: [String] = []
        if caller.function.isPrivate {
            lines += ["// In \(caller.fileName), where what it calls can be seen.", ""]
        } else {
            lines += imports + [""]
        }
        if let owner {
            lines.append(owner)
            lines += function.map { $0.isEmpty ? $0 : "    " + $0 } + ["}"]
        } else {
            lines += function
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The types around the function, as one name.
    private var types: String { caller.function.types.joined(separator: ".") }

    /// What the test belongs to; nil where it stands by itself.
    private var owner: String? {
        if isMember { return "extension \(types) {" }
        return isClass ? "final class Regression_\(id): XCTestCase {" : nil
    }

    /// Whether the test stands beside the function.
    private var isMember: Bool {
        switch style {
        case .swiftTesting: !types.isEmpty
        case .xcTest: caller.function.isInTestCase
        }
    }

    /// Whether the test needs a class of its own.
    private var isClass: Bool { style == .xcTest && !isMember }

    /// Whether a test of the framework may call the function.
    private var isCallable: Bool {
        switch style {
        case .swiftTesting: !caller.function.isInTestCase
        case .xcTest: isMember || types.isEmpty || caller.function.isStatic
        }
    }

    /// What stands before the body.
    private var head: [String] {
        let called = caller.function
        let effects = called.isAsync ? "async throws" : "throws"
        let isolation = called.isOnMainActor ? ["@MainActor"] : []
        let title = "a case of: " + FailureText.oneLine(property)
        switch style {
        case .swiftTesting:
            let modifier = called.isStatic ? "static " : called.isMutating ? "mutating " : ""
            let name = "\(modifier)func regression_\(id)()"
            return isolation + ["@Test(\(SwiftLiteral.quoted(title)))", "\(name) \(effects) {"]
        case .xcTest:
            return ["// \(title)"] + isolation + ["func testRegression_\(id)() \(effects) {"]
        }
    }

    /// How the function is called in the test.
    private var call: String {
        let called = caller.function
        let effects = (called.isThrowing ? "try " : "") + (called.isAsync ? "await " : "")
        let owner = !called.isStatic ? "" : isClass ? types + "." : "Self."
        return "\(effects)\(owner)\(called.name)()"
    }

    private var imports: [String] {
        var modules = failure.isScriptable ? failure.values.compactMap(\.literal?.modules) : []
        modules.append(["CairnTesting", style == .xcTest ? "XCTest" : "Testing"])
        var missing = modules.reduce(into: Set<String>()) { $0.formUnion($1) }
            .subtracting(caller.literals.openModules)
        // The umbrella hands it on.
        if caller.imports.contains("import Cairn") { missing.remove("CairnCore") }
        missing.remove(caller.literals.module)
        let lines = caller.imports + missing.map { "import \($0)" }
        return Set(lines).sorted { Self.module($0) < Self.module($1) }
    }

    private static func module(_ line: String) -> Substring {
        line.split(separator: " ").last ?? ""
    }

    private var function: [String] {
        var lines = head
        let property = SwiftLiteral.quoted(property)
        if failure.isScriptable {
            lines.append("    // The same as a token: \(failure.token)")
            if !failure.isArbitraryTogether {
                lines.append("    // It may pass when several of these are others at once.")
            }
            lines.append("    let known = Regression(\(property)) { script in")
            lines += scriptLines.map { "        " + $0 }
            lines.append("    }")
        } else {
            lines += commentLines.map { "    // " + $0 }
            lines += ["    let known = Regression("]
            lines += ["        \(property),", "        token: \"\(failure.token)\"", "    )"]
        }
        let wait = caller.function.isAsync ? "await " : ""
        lines.append("    try \(wait)known.run { \(call) }")
        return lines + ["}"]
    }

    /// Eight digits that differ from case to case.
    private var id: String {
        var hash: UInt32 = 0x811C_9DC5
        for byte in (property + "\n" + failure.token).utf8 {
            hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private var scriptLines: [String] {
        let free = failure.values.filter { $0.step == nil }.map { value in
            "script.value(\(value.literal?.text ?? ""))\(remark(on: [value]))"
        }
        let steps = failure.steps.enumerated().map { index, step in
            let values = failure.values.filter { $0.step == index }
            let list = [SwiftLiteral.quoted(step)] + values.compactMap(\.literal?.text)
            return "script.step(\(list.joined(separator: ", ")))\(remark(on: values))"
        }
        let lines = free + steps
        return lines.isEmpty ? ["_ = script"] : lines
    }

    /// What the values are called, and which of them do not matter.
    private func remark(on values: [DrawnValue]) -> String {
        let names = values.map(\.name)
        let free = values.enumerated().filter(\.element.isArbitrary).map { index, value in
            value.name ?? (values.count == 1 ? "" : "value \(index + 1)")
        }
        var parts: [String] = []
        let named = names.compactMap { $0 }
        if !named.isEmpty { parts.append(named.joined(separator: ", ")) }
        if !free.isEmpty {
            let subject = values.count == 1 ? "" : free.joined(separator: ", ") + ": "
            parts.append(subject + "any other value fails as well")
        }
        return parts.isEmpty ? "" : "  // " + FailureText.oneLine(parts.joined(separator: "; "))
    }

    /// The case in words, where its values cannot be written.
    private var commentLines: [String] {
        (failure.valueLines + failure.stepLines).map { line in
            FailureText.oneLine(String(line.drop { $0 == " " }))
        }
    }
}
