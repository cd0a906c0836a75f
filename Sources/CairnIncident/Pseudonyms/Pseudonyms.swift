internal import CairnCore
internal import CairnDomains

/// Stand-ins for the texts of a history: the same one for the same text, and another one for
/// another text, numbered by what the text was first and in the order of the events.
///
/// What the pipeline's definition names stays: it is printed with the test, or everybody's.
struct Pseudonyms {
    private let words: DefinitionWords
    /// What no stand-in may be, or it would be taken for the text itself.
    private var taken: Set<ExactText> = []
    private var names: [ExactText: String] = [:]
    private var counts: [String: Int] = [:]

    /// Prepares for a request.
    ///
    /// - Parameters:
    ///   - definition: The rules that the request is read by.
    ///   - request: Its id.
    ///   - rows: All that it has, also what the test leaves out.
    init(_ definition: PipelineDefinition, request: String, of rows: [EventRow]) {
        words = DefinitionWords(definition)
        taken = words.all
        taken.insert(ExactText(request))
        for row in rows {
            _ = words.renamed(
                row.event,
                name: { text, _ in
                    taken.insert(ExactText(text))
                    return text
                }
            )
        }
        _ = name(of: request, as: "request")
    }

    /// An event in which only the words of the definition, numbers and times are the recorded
    /// ones.
    mutating func event(_ event: PipelineEvent) -> PipelineEvent {
        words.renamed(event, name: { text, kind in name(of: text, as: kind) })
    }

    private mutating func name(of text: String, as kind: String) -> String {
        guard !text.isEmpty else { return text }
        if let known = names[ExactText(text)] { return known }
        var name = ""
        repeat {
            counts[kind, default: 0] += 1
            name = "\(kind)-\(counts[kind, default: 0])"
        } while taken.contains(ExactText(name))
        names[ExactText(text)] = name
        return name
    }
}
