using System.Text;
using Chitin.Core;

namespace Chitin.Security.Principals;

/// <summary>The rules for names of users and roles (SECURITY-SPEC 3.1).</summary>
public static class RoleNames
{
    const int MaximumBytes = 63;

    const string Rules = "Usernames are case insensitive, must start with a letter, digit or underscore, may contain letters, digits, dashes, periods, or underscores, and must not exceed 63 characters.";

    /// <summary>NFC (where the runtime has the data) and lower case: the form in which names are stored and compared.</summary>
    public static string Normalize(string name) => name.Normalize(NormalizationForm.FormC).ToLowerInvariant();

    /// <summary>The normalized name of a role that SQL may create, or 42602, 42622, 42939.</summary>
    public static string RequireValid(string name)
    {
        var normalized = NormalizedOrInvalid(name);
        if (IsReserved(normalized))
            throw new SqlException(SqlState.ReservedName, $"role name \"{normalized}\" is reserved");
        return normalized;
    }

    /// <summary>Whether the name could be a SQL user's; reserved names are not.</summary>
    public static bool IsValid(string name)
    {
        try
        {
            RequireValid(name);
            return true;
        }
        catch (SqlException)
        {
            return false;
        }
    }

    public static bool IsReserved(string normalized) =>
        normalized is "public" or "none" or "node" || normalized.StartsWith("pg_", StringComparison.Ordinal) || normalized.StartsWith("crdb_internal_", StringComparison.Ordinal);

    static string NormalizedOrInvalid(string name)
    {
        if (name.Length == 0)
            throw new SqlException(SqlState.InvalidName, "username is empty") { Hint = Rules };
        if (name.Length > MaximumBytes || Encoding.UTF8.GetByteCount(name) > MaximumBytes)
            throw new SqlException(SqlState.NameTooLong, "username is too long") { Hint = Rules };
        string normalized;
        try
        {
            normalized = Normalize(name);
        }
        catch (ArgumentException)
        {
            throw Invalid();   // a lone surrogate
        }

        var first = true;
        foreach (var rune in normalized.EnumerateRunes())
        {
            var isLetter = Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.LowercaseLetter;
            if (!isLetter && rune.Value is not ((>= '0' and <= '9') or '_') && (first || rune.Value is not ('-' or '.')))
                throw Invalid();
            first = false;
        }

        return normalized;
    }

    static SqlException Invalid() => new(SqlState.InvalidName, "username is invalid") { Hint = Rules };
}
