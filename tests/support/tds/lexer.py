"""T-SQL text as tokens, each with the line it begins in."""
import re
from dataclasses import dataclass

from support.tds.errors import syntax, unclosed

KEYWORDS = set("""
    ADD ALL ALTER AND ANY AS ASC BEGIN BETWEEN BREAK BY CASCADE CASE CHECK CLUSTERED COLLATE COLUMN COMMIT CONSTRAINT
    CONTINUE CREATE CROSS CURRENT_TIMESTAMP DATABASE DECLARE DEFAULT DELETE DESC DISTINCT DROP ELSE END ESCAPE EXCEPT
    EXEC EXECUTE EXISTS FETCH FOR FOREIGN FROM FULL FUNCTION GO GROUP HAVING HOLDLOCK IDENTITY IDENTITY_INSERT IF IN
    INDEX INNER INSERT INTERSECT INTO IS JOIN KEY LEFT LIKE MERGE NONCLUSTERED NOT NULL OF OFF ON OPTION OR ORDER
    OUTER OVER PRIMARY PRINT PROC PROCEDURE RAISERROR REFERENCES RETURN RIGHT ROLLBACK SAVE SCHEMA SELECT SET TABLE
    THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE UNION UNIQUE UPDATE USE VALUES VIEW WAITFOR WHEN WHERE WHILE WITH
""".split())

PATTERN = re.compile(r"""
    (?P<space>\s+|--[^\n]*)
  | (?P<comment>/\*)
  | (?P<string>[Nn]?'(?:[^']|'')*')
  | (?P<name>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
  | (?P<binary>0[xX][0-9A-Fa-f]*)
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<variable>@@?[\w@\#$]+)
  | (?P<word>[^\W\d][\w@\#$]*|\#\#?\w+)
  | (?P<op><=|>=|<>|!=|!<|!>|\+=|-=|\*=|/=|::|[-+*/%=<>(),.;&|^~:?!$])
""", re.VERBOSE)


@dataclass
class Token:
    kind: str  # string, name (quoted), binary, number, variable, word, op, end
    text: str  # as written
    value: str  # without quotes
    line: int
    start: int
    end: int

    @property
    def is_keyword(self):
        return self.kind == "word" and self.text.upper() in KEYWORDS

    def is_word(self, *words):
        return self.kind == "word" and self.text.upper() in words

    def is_op(self, *ops):
        return self.kind == "op" and self.text in ops

    @property
    def is_name(self):
        """Can it name a thing? Words that are keywords have to be quoted for that."""
        return self.kind == "name" or (self.kind == "word" and not self.is_keyword)


def unquote(kind, text):
    if kind == "string":
        return text[text.index("'") + 1:-1].replace("''", "'")
    if kind == "name":
        return text[1:-1].replace(text[-1] * 2, text[-1])
    return text


def comment_end(text, start):
    """Comments nest."""
    depth, position = 0, start
    for mark in re.compile(r"/\*|\*/").finditer(text, start):
        depth, position = depth + (1 if mark.group() == "/*" else -1), mark.end()
        if depth == 0:
            return position
    return len(text)


def tokenize(text):
    tokens, position, line = [], 0, 1
    while position < len(text):
        match = PATTERN.match(text, position)
        if not match:
            if text[position] in "'[\"" or text[position:position + 2].upper() == "N'":
                raise unclosed(text[position:].lstrip("Nn'[\""), line)
            raise syntax(Token("op", text[position], text[position], line, position, position + 1))
        kind, end = match.lastgroup, match.end()
        if kind == "comment":
            end = comment_end(text, position)
        elif kind != "space":
            tokens.append(Token(kind, match.group(), unquote(kind, match.group()), line, position, end))
        line += text.count("\n", position, end)
        position = end
    tokens.append(Token("end", "", "", line, position, position))
    return tokens
