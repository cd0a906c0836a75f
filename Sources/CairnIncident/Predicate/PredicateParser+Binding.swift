internal import CairnCore

extension PredicateParser {
    /// Takes a field's name and the way into it.
    mutating func reference() throws(PredicateError) -> FieldReference<Field> {
        guard case .word(let word) = current.kind else { throw expected("a field") }
        let start = current.range.lowerBound
        var parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let name = parts.removeFirst()
        guard !name.isEmpty else {
            throw lexer.error(.badPath("a name is missing before this point"), at: start)
        }
        guard let field = Field(rawValue: name) else {
            let names = Field.allCases.map(\.rawValue)
            let near = NearNames.of(name, among: names)
            throw lexer.error(.unknownField(name, near: near), at: start)
        }
        var path = try checked(parts, from: start + name.count, after: [], of: field)
        var end = current.range.upperBound
        advance()
        while current.range.lowerBound == end, !path.isEmpty || field.kind == .document {
            if current.kind == .openBracket {
                let start = current.range.lowerBound
                path.append(try bracketed())
                try check(path[...], of: field, at: start)
            } else if case .word(let more) = current.kind, more.hasPrefix(".") {
                let names = more.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
                path = try checked(
                    names.map(String.init),
                    from: current.range.lowerBound,
                    after: path,
                    of: field
                )
                advance()
            } else {
                break
            }
            end = previousEnd
        }
        guard path.isEmpty || field.kind == .document else {
            throw lexer.error(.noParts(field: name), at: start + name.count)
        }
        return FieldReference(field: field, path: JSONPath(parts: path))
    }

    /// The way into a field with the names behind it, each of which comes after its point.
    private func checked(
        _ names: [String],
        from start: Int,
        after path: [String],
        of field: Field
    ) throws(PredicateError) -> [String] {
        var path = path
        var offset = start + 1
        for name in names {
            guard !name.isEmpty else {
                throw lexer.error(.badPath("a name is missing beside this point"), at: offset)
            }
            path.append(name)
            try check(path[...], of: field, at: offset)
            offset += 1 + name.count
        }
        return path
    }

    /// Checks the last part of a way where the parts are known by name.
    private func check(
        _ path: ArraySlice<String>,
        of field: Field,
        at offset: Int
    ) throws(PredicateError) {
        guard field.kind == .document, let name = path.last,
            let names = field.partNames(after: path.dropLast()), !names.contains(name)
        else { return }
        let whole = ([field.rawValue] + path.dropLast()).joined(separator: ".")
        guard !names.isEmpty else { throw lexer.error(.noParts(field: whole), at: offset) }
        let near = NearNames.of(name, among: names)
        throw lexer.error(.unknownPart(name, of: whole, near: near), at: offset)
    }

    private mutating func bracketed() throws(PredicateError) -> String {
        advance()
        let part: String
        switch current.kind {
        case .string(let name): part = name
        case .word(let word):
            guard let index = Int(word), index >= 0 else {
                throw expected("an index from 0 on, or a name in quotes")
            }
            part = String(index)
        case .comparison, .and, .or, .not, .open, .close, .openBracket, .closeBracket, .comma,
            .end:
            throw expected("an index from 0 on, or a name in quotes")
        }
        advance()
        guard current.kind == .closeBracket else { throw expected("']'") }
        advance()
        return part
    }

    /// Takes a value that the field can be compared with; the sign is nil inside a list.
    mutating func value(
        for reference: FieldReference<Field>,
        _ comparison: ComparisonOperator?,
        at sign: PredicateToken
    ) throws(PredicateError) -> PredicateOperand {
        let field = reference.field
        if field.kind == .boolean, let comparison, comparison.isOrder {
            let explanation = "it is true or false, which have no order"
            throw wrongOperator(field, comparison.rawValue, explanation, at: sign)
        }
        let token = current
        let (text, isQuoted) = try literal()
        func wrong(_ explanation: String) -> PredicateError {
            let name = field.rawValue
            let reason = PredicateError.Reason.wrongValue(
                field: name,
                value: text,
                explanation: explanation
            )
            return lexer.error(reason, at: token.range.lowerBound)
        }
        switch field.kind {
        case .text: return .text(field.canonicalSpelling(of: text))
        case .number:
            guard let number = NumberOperand(text) else { throw wrong("it is not a number") }
            return .number(number)
        case .milliseconds:
            if let number = NumberOperand(text) { return .number(number) }
            do throws(TimeSpan.FormatError) {
                let span = try TimeSpan(text: text)
                guard let number = NumberOperand("\(span.nanoseconds)e-6") else { break }
                return .number(number)
            } catch {
                throw wrong("it is neither a number of milliseconds nor a span such as 1.5s")
            }
        case .boolean:
            guard text == "true" || text == "false" else { throw wrong("write true or false") }
            return .boolean(text == "true")
        case .time:
            do throws(Timestamp.FormatError) {
                return .time(try Timestamp(rfc3339: text))
            } catch {
                throw wrong(Self.explanation(of: error))
            }
        case .span:
            do throws(TimeSpan.FormatError) {
                return .span(try TimeSpan(text: text))
            } catch {
                throw wrong(error.description)
            }
        case .document:
            let operand = LooseOperand(text: text, isQuoted: isQuoted)
            if !isQuoted, comparison?.isOrder == true, operand.number == nil,
                (try? TimeSpan(text: text)) != nil
            {
                throw wrong("a document has no unit of time; give a number")
            }
            return .loose(operand)
        }
        throw wrong("it is not a number")
    }

    private static func explanation(of error: Timestamp.FormatError) -> String {
        switch error {
        case .notRFC3339: "it is not a time such as 2025-12-25T10:00:00Z"
        case .missingZone: "it has no zone; add Z or an offset such as +01:00"
        case .outOfRange: "there is no such time, or it is not between 1677 and 2262"
        }
    }

    /// Takes what `contains` looks for.
    mutating func part(
        for reference: FieldReference<Field>,
        at sign: PredicateToken
    ) throws(PredicateError) -> PredicateOperand {
        guard reference.field.kind == .text || reference.field.kind == .document else {
            let explanation = "it is neither a text nor a document"
            throw wrongOperator(reference.field, "contains", explanation, at: sign)
        }
        let (text, isQuoted) = try literal()
        if reference.field.kind == .text { return .text(text) }
        return .loose(LooseOperand(text: text, isQuoted: isQuoted))
    }

    private func wrongOperator(
        _ field: Field,
        _ name: String,
        _ explanation: String,
        at sign: PredicateToken
    ) -> PredicateError {
        let reason = PredicateError.Reason.wrongOperator(
            field: field.rawValue,
            operator: name,
            explanation: explanation
        )
        return lexer.error(reason, at: sign.range.lowerBound)
    }

    private mutating func literal() throws(PredicateError) -> (text: String, isQuoted: Bool) {
        switch current.kind {
        case .string(let text):
            advance()
            return (text, true)
        case .word(let word):
            if ["and", "or", "not", "in", "contains", "exists"].contains(word.lowercased()) {
                throw expected("a value (a keyword as a value needs quotes)")
            }
            if word.lowercased() == "null" {
                throw expected("a value ('exists' and 'not exists' ask whether there is one)")
            }
            advance()
            return (word, false)
        case .comparison, .and, .or, .not, .open, .close, .openBracket, .closeBracket, .comma,
            .end:
            throw expected("a value")
        }
    }
}
