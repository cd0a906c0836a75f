internal import Glibc

/// Where a file or a journal is made before it gets its name: hidden, beside its place, under a
/// name that tells whose process makes it.
struct PartPath {
    /// What is made.
    let target: String
    /// Where it is made; nothing else has this name.
    let path: String
    /// The target's path before its name, with the slash; empty in the working folder.
    private let parent: String
    private let name: String

    /// - Returns: Nil where the target has no name of its own.
    init?(of target: String) {
        var trimmed = target[...]
        while trimmed.utf8.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let name = trimmed.split(separator: "/").last, name != ".", name != ".." else {
            return nil
        }
        self.target = String(trimmed)
        parent = String(trimmed.dropLast(name.count))
        // Cut off, because a name that is as long as names can be leaves no room for more.
        self.name = String(String.UnicodeScalarView(name.unicodeScalars.prefix(48)))
        var numbers = SystemRandomNumberGenerator()
        let number = String(numbers.next(), radix: 36)
        path = "\(parent).\(self.name).part-\(getpid())-\(number)"
    }

    var folder: String { parent.isEmpty ? "." : parent }

    /// Makes the names in the folder durable.
    func synchronizeFolder() {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// What runs that were killed left of targets of this name, as such a part or while a journal
    /// was born (`.<name>.birth-`), or one of a part.
    func leftovers() -> [String] {
        [".\(name).part-", ".\(name).birth-", "..\(name).part-"]
            .flatMap { Leftovers.paths(beginningWith: parent + $0) }
    }

    /// Tells of them on standard error.
    ///
    /// - Parameter verb: What makes the target.
    func noteLeftovers(of verb: String) {
        Leftovers.note(leftovers(), "is left of one that was killed", verb: verb)
    }
}

/// What the tool's processes left behind that were killed.
enum Leftovers {
    /// Paths that begin with a text, followed by the number of a process that is gone.
    ///
    /// Of a process that cannot be seen from here, as in a container, it is not known whether it
    /// lives; so nothing is ever removed.
    static func paths(beginningWith prefix: String) -> [String] {
        var pattern = ""
        for scalar in prefix.unicodeScalars {
            if ["*", "?", "[", "\\"].contains(scalar) { pattern += "\\" }
            pattern.unicodeScalars.append(scalar)
        }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob("\(pattern)*", 0, nil, &found) == 0, let paths = found.gl_pathv else {
            return []
        }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            guard let path = paths[index].map({ String(cString: $0) }) else { return nil }
            let rest = Substring(path.utf8.dropFirst(prefix.utf8.count))
            let digits = rest.prefix(while: \.isNumber)
            guard rest.dropFirst(digits.count).first.map({ $0 == "-" }) ?? true,
                let process = pid_t(digits), process > 0, kill(process, 0) != 0, errno == ESRCH
            else { return nil }
            return path
        }
    }

    static func note(_ paths: [String], _ fact: String, verb: String? = nil) {
        let tool = IncidentTool.current?.name ?? "cairn"
        for path in paths {
            Terminal.note(
                "\(tool): \(verb.map { "\($0): " } ?? "")\(Terminal.printable(path)) \(fact); it "
                    + "may be removed"
            )
        }
    }
}
