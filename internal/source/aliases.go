package source

import (
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// aliases maps the names of Python's encodings/aliases.py that the IANA registry does not have, or has for another
// encoding, to a name that it has. Keys are canonical: lower-case, "_" written "-".
var aliases = map[string]string{
	"646": "us-ascii", "us-ascii": "us-ascii", "ansi-x3.4-1968": "us-ascii", "cp367": "us-ascii", "iso646-us": "us-ascii",
	"8859": "iso-8859-1", "cp819": "iso-8859-1", "iso8859": "iso-8859-1", "latin": "iso-8859-1", "latin1": "iso-8859-1", "l1": "iso-8859-1",
	"iso8859-1": "iso-8859-1", "iso8859-2": "iso-8859-2", "iso8859-3": "iso-8859-3", "iso8859-4": "iso-8859-4",
	"iso8859-5": "iso-8859-5", "iso8859-6": "iso-8859-6", "iso8859-7": "iso-8859-7", "iso8859-8": "iso-8859-8",
	"iso8859-9": "iso-8859-9", "iso8859-10": "iso-8859-10", "iso8859-13": "iso-8859-13", "iso8859-14": "iso-8859-14",
	"iso8859-15": "iso-8859-15", "iso8859-16": "iso-8859-16",
	"latin2": "iso-8859-2", "latin3": "iso-8859-3", "latin4": "iso-8859-4", "latin5": "iso-8859-9", "latin6": "iso-8859-10",
	"latin8": "iso-8859-14", "latin9": "iso-8859-15", "latin10": "iso-8859-16", "cyrillic": "iso-8859-5", "greek": "iso-8859-7",
	"1250": "windows-1250", "cp1250": "windows-1250", "1251": "windows-1251", "cp1251": "windows-1251",
	"1252": "windows-1252", "cp1252": "windows-1252", "1253": "windows-1253", "cp1253": "windows-1253",
	"1254": "windows-1254", "cp1254": "windows-1254", "1255": "windows-1255", "cp1255": "windows-1255",
	"1256": "windows-1256", "cp1256": "windows-1256", "1257": "windows-1257", "cp1257": "windows-1257",
	"1258": "windows-1258", "cp1258": "windows-1258",
	"437": "ibm437", "cp437": "ibm437", "850": "ibm850", "cp850": "ibm850", "852": "ibm852", "cp852": "ibm852",
	"855": "ibm855", "cp855": "ibm855", "860": "ibm860", "cp860": "ibm860", "862": "ibm862", "cp862": "ibm862",
	"863": "ibm863", "cp863": "ibm863", "865": "ibm865", "cp865": "ibm865", "866": "ibm866", "cp866": "ibm866",
}

// codecs are the encodings that ianaindex does not find by the name Python uses.
var codecs = map[string]encoding.Encoding{
	"cp858": charmap.CodePage858, "858": charmap.CodePage858,
	"cp874": charmap.Windows874, "koi8-r": charmap.KOI8R, "koi8-u": charmap.KOI8U,
	"mac-roman": charmap.Macintosh, "macroman": charmap.Macintosh, "macintosh": charmap.Macintosh,
	"mac-cyrillic": charmap.MacintoshCyrillic, "maccyrillic": charmap.MacintoshCyrillic,
	"iso-8859-10": charmap.ISO8859_10, "iso-8859-13": charmap.ISO8859_13, "iso-8859-14": charmap.ISO8859_14,
	"iso-8859-15": charmap.ISO8859_15, "iso-8859-16": charmap.ISO8859_16,
	"euc-jp": japanese.EUCJP, "eucjp": japanese.EUCJP, "ujis": japanese.EUCJP,
	"shift-jis": japanese.ShiftJIS, "shiftjis": japanese.ShiftJIS, "sjis": japanese.ShiftJIS, "s-jis": japanese.ShiftJIS,
	"cp932": japanese.ShiftJIS, "932": japanese.ShiftJIS, "ms932": japanese.ShiftJIS, "ms-kanji": japanese.ShiftJIS,
	"iso-2022-jp": japanese.ISO2022JP, "iso2022-jp": japanese.ISO2022JP, "iso2022jp": japanese.ISO2022JP,
	"euc-kr": korean.EUCKR, "euckr": korean.EUCKR, "korean": korean.EUCKR, "cp949": korean.EUCKR, "949": korean.EUCKR, "uhc": korean.EUCKR,
	"gb2312": simplifiedchinese.GBK, "gbk": simplifiedchinese.GBK, "936": simplifiedchinese.GBK, "cp936": simplifiedchinese.GBK,
	"chinese": simplifiedchinese.GBK, "euc-cn": simplifiedchinese.GBK, "euccn": simplifiedchinese.GBK,
	"gb18030": simplifiedchinese.GB18030, "gb18030-2000": simplifiedchinese.GB18030,
	"hz": simplifiedchinese.HZGB2312, "hzgb": simplifiedchinese.HZGB2312, "hz-gb": simplifiedchinese.HZGB2312, "hz-gb-2312": simplifiedchinese.HZGB2312,
	"big5": traditionalchinese.Big5, "big5-tw": traditionalchinese.Big5, "csbig5": traditionalchinese.Big5, "cp950": traditionalchinese.Big5, "950": traditionalchinese.Big5,
}
