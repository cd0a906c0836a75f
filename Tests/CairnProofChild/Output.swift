import Foundation

/// What the child tells the test that started it, a line at a time.
///
/// - `P number description`: what is looked at next; the last one names what ended the process
/// - `V number description: what is wrong`: a violation
/// - `N name number`: adds to what is counted under a name
enum Output {
    /// One line in one write, so that nothing of it is lost if the process dies after it.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    }

    static func begin(_ number: Int, _ description: String) {
        say("P \(number) \(description)")
    }

    static func violation(_ number: Int, _ text: String) {
        say("V \(number) \(text.replacing("\n", with: " "))")
    }

    static func count(_ name: String, _ number: Int) {
        say("N \(name) \(number)")
    }
}
