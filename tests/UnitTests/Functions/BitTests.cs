namespace Chitin.UnitTests.Functions;

/// <summary>Bit strings.</summary>
public sealed class BitTests
{
    [Fact]
    public void Bit_strings() => FunctionCases.Check("""
        '101'::varbit || '01'::varbit ⇒ 10101
        '10001'::varbit & '01101'::varbit ⇒ 00001
        '10001'::varbit | '01101'::varbit ⇒ 11101
        '10001'::varbit # '01101'::varbit ⇒ 11100
        '10001'::varbit # '011'::varbit ⇒ error 22026
        ~ '10001'::varbit ⇒ 01110
        '10001'::varbit << 3 ⇒ 01000
        '10001'::varbit >> 2 ⇒ 00100
        '101'::varbit = '101'::varbit ⇒ t
        '101'::varbit < '11'::varbit ⇒ t
        length('10101'::varbit) ⇒ 5
        octet_length('1010101011'::varbit) ⇒ 2
        bit_count('1010101011'::varbit) ⇒ 6
        get_bit('101'::varbit, 1) ⇒ 0
        get_bit('101'::varbit, 3) ⇒ error 2202E
        set_bit('101'::varbit, 1, 1) ⇒ 111
        substring('110010111111'::varbit, 3, 2) ⇒ 00
        overlay('01010101010101010'::varbit, '11111'::varbit, 2, 3) ⇒ 0111110101010101010
        bit_and<'{101,111}'::varbit[]> ⇒ 101
        bit_xor<'{101,111}'::varbit[]> ⇒ 010
        """);
}
