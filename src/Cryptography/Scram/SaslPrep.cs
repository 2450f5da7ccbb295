using System.Text;

namespace Chitin.Cryptography.Scram;

/// <summary>
/// SASLprep (RFC 4013) for passwords. ASCII is left as it is. Of the rest the mapping step, the prohibited characters and the rule on directions are applied;
/// where the runtime has no normalization data (invariant globalization) text is taken as normalized already, which typed text is. A password that
/// fails a check is used as it stands, as PostgreSQL does (pg_saslprep).
/// </summary>
static class SaslPrep
{
    public static string Prepare(string password)
    {
        if (Ascii.IsValid(password))
            return password;
        var mapped = new StringBuilder(password.Length);
        foreach (var rune in password.EnumerateRunes())
        {
            if (IsNonAsciiSpace(rune.Value))
                mapped.Append(' ');
            else if (!IsMappedToNothing(rune.Value))
                mapped.Append(rune.ToString());
        }

        string prepared;
        try
        {
            prepared = mapped.ToString().Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            return password;   // lone surrogates
        }

        return prepared.Length == 0 || prepared.EnumerateRunes().Any(r => IsProhibited(r)) || !DirectionsAgree(prepared) ? password : prepared;
    }

    /// <summary>RFC 3454 table B.1.</summary>
    static bool IsMappedToNothing(int c) =>
        c is 0x00AD or 0x034F or 0x1806 or 0x180B or 0x180C or 0x180D or 0x200B or 0x200C or 0x200D or 0x2060 or 0xFEFF or (>= 0xFE00 and <= 0xFE0F);

    /// <summary>RFC 3454 table C.1.2.</summary>
    static bool IsNonAsciiSpace(int c) => c is 0x00A0 or 0x1680 or (>= 0x2000 and <= 0x200B) or 0x202F or 0x205F or 0x3000;

    /// <summary>RFC 3454 tables C.2.1 to C.9.</summary>
    static bool IsProhibited(Rune rune) => rune.Value is
        <= 0x1F or (>= 0x7F and <= 0x9F) or 0x06DD or 0x070F or 0x180E or 0x2028 or 0x2029 or (>= 0x2061 and <= 0x2063) or (>= 0x206A and <= 0x206F)
        or (>= 0x200C and <= 0x200F) or (>= 0x202A and <= 0x202E) or 0x0340 or 0x0341 or (>= 0x2FF0 and <= 0x2FFB) or 0xFEFF or (>= 0xFFF9 and <= 0xFFFD)
        or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE000 and <= 0xF8FF) or (>= 0xF0000 and <= 0x10FFFD) or (>= 0xFDD0 and <= 0xFDEF) or 0xE0001 or (>= 0xE0020 and <= 0xE007F)
        || (rune.Value & 0xFFFE) == 0xFFFE;

    /// <summary>RFC 3454 section 6 for the right-to-left scripts: with one such letter no Latin letter may occur and both ends must be such letters.</summary>
    static bool DirectionsAgree(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        if (!runes.Any(r => IsRightToLeft(r.Value)))
            return true;
        return !runes.Any(r => Rune.IsLetter(r) && !IsRightToLeft(r.Value)) && IsRightToLeft(runes[0].Value) && IsRightToLeft(runes[^1].Value);
    }

    static bool IsRightToLeft(int c) =>
        c is 0x05BE or 0x05C0 or 0x05C3 or (>= 0x05D0 and <= 0x05F4) or 0x061B or 0x061F or (>= 0x0621 and <= 0x064A) or (>= 0x066D and <= 0x066F) or (>= 0x0671 and <= 0x06D5)
        or 0x06E5 or 0x06E6 or (>= 0x06FA and <= 0x070D) or 0x0710 or (>= 0x0712 and <= 0x072C) or (>= 0x0780 and <= 0x07A5) or 0x07B1 or 0x200F
        or (>= 0xFB1D and <= 0xFB4F and not 0xFB1E and not 0xFB29) or (>= 0xFB50 and <= 0xFDFC and not 0xFD3E and not 0xFD3F) or (>= 0xFE70 and <= 0xFEFC);
}
