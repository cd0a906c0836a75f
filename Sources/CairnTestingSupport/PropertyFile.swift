internal import CairnTesting

/// A file that tells of a failure, for the folder of a run's attachments.
struct PropertyFile {
    let name: String
    let text: String

    private static let wordCountMax = 60

    /// The files of a report: all of it as text, and for each failure its diagram, its token, and
    /// a test to keep where one can be written.
    static func all(of report: PropertyReport) -> [PropertyFile] {
        let stem = stem(of: report.property)
        var files = [PropertyFile(name: stem + ".txt", text: "\(report)\n")]
        for (index, failure) in report.failures.enumerated() {
            let own = index == 0 ? stem : "\(stem)-\(index + 1)"
            files.append(PropertyFile(name: own + ".mmd", text: failure.mermaid))
            if let source = failure.regressionSource {
                files.append(PropertyFile(name: own + ".swift", text: source))
            }
            if !failure.token.isEmpty {
                files.append(PropertyFile(name: own + ".token.txt", text: failure.token + "\n"))
            }
        }
        return files
    }

    /// A property as the name of a file: its letters and digits, and dashes between them.
    private static func stem(of property: String) -> String {
        var words = ""
        for scalar in property.unicodeScalars where words.utf8.count < wordCountMax {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": words.unicodeScalars.append(scalar)
            default: if !words.isEmpty, !words.hasSuffix("-") { words += "-" }
            }
        }
        while words.hasSuffix("-") { words.removeLast() }
        return words.isEmpty ? "property" : words
    }
}
