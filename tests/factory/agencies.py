"""Names for invented agencies: real regions and the usual offices, so that titles look like titles."""

# Names, and their codes since 2021.
_REGIONS = {
    "平顶山市卫东区": "410403",
    "淮安市洪泽区": "320813",
    "宿迁市沭阳县": "321322",
    "益阳市桃江县": "430922",
    "西安市雁塔区": "610113",
    "黑河市爱辉区": "231102",
    "宣城市宣州区": "341802",
    "福州市平潭县": "350128",
    "南京市江宁区": "320115",
    "苏州市吴江区": "320509",
    "杭州市余杭区": "330110",
    "宁波市鄞州区": "330212",
    "温州市苍南县": "330327",
    "合肥市肥西县": "340123",
    "芜湖市无为市": "340281",
    "厦门市思明区": "350203",
    "泉州市晋江市": "350582",
    "南昌市进贤县": "360124",
    "赣州市于都县": "360731",
    "济南市历下区": "370102",
    "青岛市即墨区": "370215",
    "潍坊市寿光市": "370783",
    "郑州市中牟县": "410122",
    "洛阳市嵩县": "410325",
    "武汉市黄陂区": "420116",
    "宜昌市夷陵区": "420506",
    "长沙市浏阳市": "430181",
    "衡阳市衡南县": "430422",
    "广州市番禺区": "440113",
    "佛山市顺德区": "440606",
    "南宁市武鸣区": "450110",
    "桂林市阳朔县": "450321",
    "海口市琼山区": "460107",
    "成都市双流区": "510116",
    "绵阳市三台县": "510722",
    "贵阳市花溪区": "520111",
    "遵义市仁怀市": "520382",
    "昆明市呈贡区": "530114",
    "曲靖市会泽县": "530326",
    "兰州市榆中县": "620123",
    "西宁市湟中区": "630106",
    "银川市贺兰县": "640122",
    "太原市清徐县": "140121",
    "大同市左云县": "140226",
    "沈阳市辽中区": "210115",
    "大连市庄河市": "210283",
    "长春市农安县": "220122",
    "哈尔滨市依兰县": "230123",
    "石家庄市正定县": "130123",
    "唐山市迁安市": "130283",
}
_OFFICES = [
    "人民政府办公室",
    "发展和改革局",
    "教育局",
    "科学技术局",
    "工业和信息化局",
    "公安局",
    "民政局",
    "司法局",
    "财政局",
    "人力资源和社会保障局",
    "自然资源局",
    "生态环境局",
    "住房和城乡建设局",
    "交通运输局",
    "水利局",
    "农业农村局",
    "商务局",
    "文化和旅游局",
    "卫生健康委员会",
    "退役军人事务局",
    "应急管理局",
    "审计局",
    "市场监督管理局",
    "统计局",
    "医疗保障局",
    "城市管理局",
    "信访局",
    "行政审批局",
    "林业局",
    "气象局",
]
# The province of a filing with the ministry, by the first two digits of a division's code.
_PROVINCES = {
    "13": "冀", "14": "晋", "21": "辽", "22": "吉", "23": "黑", "32": "苏", "33": "浙", "34": "皖",
    "35": "闽", "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘", "44": "粤", "45": "桂",
    "46": "琼", "51": "蜀", "52": "黔", "53": "滇", "61": "陕", "62": "陇", "63": "青", "64": "宁",
}  # fmt: skip
_FIRST = "东西南北上下新古大小青白石金玉清龙凤长永太高双平安"
_SECOND = "山河桥沙林泉湖塘坪岭溪口庄店城关阳门井沟坝屯湾集"


def agency_name(number: int) -> str:
    """Return the agency of a number; 33,000 numbers in a row give as many different agencies, offices before towns.

    >>> agency_name(0)
    '平顶山市卫东区人民政府办公室'
    >>> len({agency_name(number) for number in range(30_000)})
    30000
    """
    region = tuple(_REGIONS)[number % len(_REGIONS)]
    number //= len(_REGIONS)
    if number < len(_OFFICES):
        return region + _OFFICES[number]
    number -= len(_OFFICES)
    first, second = divmod(number % (len(_FIRST) * len(_SECOND)), len(_SECOND))
    return f"{region}{_FIRST[first]}{_SECOND[second]}镇人民政府"


def site_frame(agency: str) -> str:
    """Return what the frame of an agency's site says of the site; only who runs it where the region is not known.

    >>> site_frame("平顶山市卫东区审计局")
    '主办：人民政府办公室 网站标识码：4104030012 备案号：豫ICP备05000001号'
    """
    code = next((code for region, code in _REGIONS.items() if agency.startswith(region)), "")
    filings = f" 网站标识码：{code}0012 备案号：{_PROVINCES[code[:2]]}ICP备05000001号" if code else ""
    return f"主办：人民政府办公室{filings}"
