/// A text that is the same as another only if its bytes are.
///
/// `String` compares by canonical equivalence, under which two ids are one if they differ only
/// in how an accent is spelled. Where a text decides which thing is meant, sets and dictionaries
/// hold it as this.
package struct ExactText: Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }
}

extension ExactText: Hashable {
    package static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    package func hash(into hasher: inout Hasher) {
        text.hashBytes(into: &hasher)
    }
}
