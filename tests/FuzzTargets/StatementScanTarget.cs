using System.Text;
using System.Text.Unicode;
using Chitin.Core;
using Chitin.Sql.Syntax;

namespace Chitin.FuzzTargets;

/// <summary>What the scan accepts, the lexer cuts into the same constants; what the lexer refuses, the scan may accept only if it found the same tokens up to there.</summary>
public static class StatementScanTarget
{
    private static readonly StatementScan s_scan = new();

    public static void Run(ReadOnlySpan<byte> data)
    {
        lock (s_scan)
        {
            if (!Utf8.IsValid(data) || !s_scan.TryScan(data))
                return;
            var text = Encoding.UTF8.GetString(data);
            List<Token> tokens;
            try
            {
                tokens = Lexer.Tokenize(text);
            }
            catch (SqlException)
            {
                // No text of this shape is ever planned.
                return;
            }

            var constants = tokens.Where(t => t.Kind is TokenKind.Integer or TokenKind.Decimal or TokenKind.String).ToList();
            if (constants.Count != s_scan.Constants.Count || tokens.Exists(t => t.Kind is TokenKind.BitString or TokenKind.Parameter))
                throw new InvalidOperationException($"{s_scan.Constants.Count} constants instead of {constants.Count}: {text}");
            for (var i = 0; i < constants.Count; i++)
                Check(data, constants[i], s_scan.Constants[i], text);
        }
    }

    private static void Check(ReadOnlySpan<byte> data, Token token, ScannedConstant constant, string text)
    {
        var kind = token.Kind switch { TokenKind.Integer => LiteralKind.Integer, TokenKind.Decimal => LiteralKind.Decimal, _ => LiteralKind.String };
        var same = kind == constant.Kind && Encoding.UTF8.GetCharCount(data[..constant.Start]) == token.Start
            && Encoding.UTF8.GetString(data.Slice(constant.Start, constant.Length)) == text.Substring(token.Start, token.Length);
        if (!same)
            throw new InvalidOperationException($"constant at {token.Start} is another one: {text}");
    }
}
